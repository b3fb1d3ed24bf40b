#include "classifier/links.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <re2/re2.h>

#include "common/text.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kLongestAddress = 600;
constexpr std::size_t kMostLinks = 500;  // of one field
constexpr std::string_view kPlaceholder = "{handle}";

// Dots and colons as people write them so that an address is not live: [.] (.) {.} [dot] (dot) " dot ", [:] and " / ".
constexpr std::string_view kDot = R"((?:\.|\s?[\[({]\s?(?:\.|dot)\s?[\])}]\s?|\sdot\s))";
constexpr std::string_view kSlash = R"(\s?/)";
constexpr std::string_view kColon = R"((?::|\[:\]))";
constexpr std::string_view kScheme = R"((?:h(?:tt|xx)ps?(?::|\[:\])//)?(?:www(?:\.|\[\.\]))?)";

std::string with_defanged(std::string_view host) {
  std::string out;
  for (const char c : host) {
    if (c == '.')
      out += kDot;
    else if (c == ':')
      out += kColon;
    else if (c == '/')
      out += kSlash;
    else
      out += c;
  }
  return out;
}

// Up to the path or the query: what tells one service's links from another's.
std::string_view host_of(std::string_view form) {
  const std::size_t scheme = form.find("://");
  const std::size_t end = scheme != std::string_view::npos ? scheme + 3 : form.find_first_of("/:") + 1;
  return form.substr(0, end);
}

std::unique_ptr<RE2> compile(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(false);
  return std::make_unique<RE2>(pattern, options);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// An address made live again, and where each of its bytes stood. Never opened: only so that it can be compared.
struct Address {
  std::string text;
  std::vector<std::size_t> at;
};

// The length of a defanged sign at `from`, and what it stands for.
std::size_t defanged(std::string_view text, std::size_t from, char& sign) {
  if (from > 0 && text[from - 1] == ' ') {
    const bool slash = text.substr(from, 1) == "/";
    if (slash || equals_ignoring_case(text.substr(from, 4), "dot ")) {
      sign = slash ? '/' : '.';
      return slash ? 1 : 3;
    }
  }
  constexpr std::string_view kForms[] = {"[.]", "(.)", "{.}", "[dot]", "(dot)", "{dot}", "[:]"};
  if (from >= text.size() || (text[from] != '[' && text[from] != '(' && text[from] != '{')) return 0;
  for (const std::string_view form : kForms) {
    if (!equals_ignoring_case(text.substr(from, form.size()), form)) continue;
    sign = form[1] == ':' ? ':' : '.';
    return form.size();
  }
  return 0;
}

Address make_live(std::string_view text) {
  Address out;
  for (std::size_t i = 0; i < text.size() && text[i] != '\n';) {
    char sign = text[i];
    const bool blank = sign == ' ' && i + 1 < text.size();
    const std::size_t length = defanged(text, blank ? i + 1 : i, sign);
    if (length == 0 && blank) break;
    out.text += sign;
    out.at.push_back(i);
    i += length == 0 ? 1 : length + (blank ? 1 : 0);
    if (length != 0 && i < text.size() && text[i] == ' ') ++i;
  }
  return out;
}

// Without a scheme of the web and "www.".
std::size_t behind_scheme(std::string_view address) {
  std::size_t at = 0;
  for (const std::string_view scheme : {"http://", "https://", "hxxp://", "hxxps://"})
    if (equals_ignoring_case(address.substr(0, scheme.size()), scheme)) at = scheme.size();
  return equals_ignoring_case(address.substr(at, 4), "www.") ? at + 4 : at;
}

// What a sentence or a mark-up puts behind an address is no part of it. A fragment may hold a whole query.
std::string_view handle_in(std::string_view rest, bool fragment) {
  const std::string_view ends = fragment ? " \t<>\"'\\)]}|`" : " \t<>\"'\\)]}|`,;?&/";
  std::size_t end = 0;
  while (end < rest.size() && ends.find(rest[end]) == std::string_view::npos &&
         static_cast<unsigned char>(rest[end]) > 0x20)
    ++end;
  const auto is_last = [](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '=' || c == '-';
  };
  while (end > 0 && !is_last(rest[end - 1])) --end;
  return rest.substr(0, end);
}

std::string percent_decoded(std::string_view text) {
  const auto value = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  const auto is_hex = [](char c) { return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f'); };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
      out += static_cast<char>(value(text[i + 1]) * 16 + value(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace

struct LinkReader::Impl {
  struct Form {
    std::size_t messenger;
    HandleType type;
    std::string before;  // what stands before the handle: "t.me/"
    bool fragment;       // the handle is a fragment, which may hold anything
  };
  std::unique_ptr<RE2> hosts;
  std::vector<Form> forms;  // longer forms first: "t.me/joinchat/" before "t.me/"
  const std::vector<Grammar>* grammars = nullptr;
  std::vector<std::set<std::string>> reserved;  // per messenger

  bool read_form(const Form& form, std::string_view written, LinkFound& out) const;
  bool read(std::string_view original, std::size_t begin, LinkFound& out) const;
};

bool LinkReader::Impl::read_form(const Form& form, std::string_view written, LinkFound& out) const {
  const std::string handle = form.type == HandleType::invite ? std::string(written) : percent_decoded(written);
  const bool sign = handle.starts_with('@') && form.type == HandleType::user && handle.find(':') == std::string::npos;
  const std::string_view bare = std::string_view(handle).substr(sign ? 1 : 0);
  if (bare.empty() || reserved[form.messenger].contains(to_lower(bare))) return false;
  out.messenger = form.messenger;
  return (*grammars)[form.messenger].read_link(bare, form.type, out.candidate);
}

bool LinkReader::Impl::read(std::string_view original, std::size_t begin, LinkFound& out) const {
  const Address address = make_live(original.substr(begin, kLongestAddress));
  const std::size_t skipped = behind_scheme(address.text);
  const std::string_view live = std::string_view(address.text).substr(skipped);
  for (const Form& form : forms) {
    if (!equals_ignoring_case(live.substr(0, form.before.size()), form.before)) continue;
    const std::string_view written = handle_in(live.substr(form.before.size()), form.fragment);
    if (written.empty() || !read_form(form, written, out)) continue;
    const std::size_t first = skipped + form.before.size();
    out.begin = begin;
    out.candidate.from = begin + address.at[first];
    out.candidate.to = begin + address.at[first + written.size() - 1] + 1;
    return true;
  }
  return false;
}

LinkReader::LinkReader(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
LinkReader::LinkReader(LinkReader&&) noexcept = default;
LinkReader::~LinkReader() = default;

Result<LinkReader> LinkReader::create(const config::Messengers& messengers, const std::vector<Grammar>& grammars) {
  auto impl = std::make_unique<Impl>();
  impl->grammars = &grammars;
  struct Given {
    std::size_t messenger;
    const config::LinkForm* link;
  };
  std::vector<Given> given;
  std::set<std::string> hosts;
  for (std::size_t i = 0; i < messengers.all.size(); ++i) {
    impl->reserved.emplace_back(messengers.all[i].reserved.begin(), messengers.all[i].reserved.end());
    for (const config::LinkForm& link : messengers.all[i].links) {
      given.push_back({i, &link});
      hosts.insert(with_defanged(host_of(link.form)));
    }
  }
  const auto longer = [](const Given& a, const Given& b) { return a.link->form.size() > b.link->form.size(); };
  std::stable_sort(given.begin(), given.end(), longer);
  for (const Given& each : given) {
    const std::size_t at = each.link->form.find(kPlaceholder);
    const bool fragment = each.link->type == HandleType::invite && each.link->form.find('#') < at;
    impl->forms.push_back({each.messenger, each.link->type, each.link->form.substr(0, at), fragment});
  }
  impl->hosts = compile(fmt::format("(?:^|[^a-z0-9._@/-]|//)({}(?:{}))", kScheme,
                                    hosts.empty() ? "[^\\x00-\\x{10FFFF}]" : fmt::format("{}", fmt::join(hosts, "|"))));
  if (!impl->hosts->ok())
    return fail(ErrorCode::configuration, "the link forms of the messengers cannot be compiled together");
  return LinkReader(std::move(impl));
}

std::vector<LinkFound> LinkReader::find(std::string_view original) const {
  std::vector<LinkFound> out;
  const re2::StringPiece text(original.data(), original.size());
  re2::StringPiece match[2];
  for (std::size_t at = 0; at < text.size() && out.size() < kMostLinks &&
                           impl_->hosts->Match(text, at, text.size(), RE2::UNANCHORED, match, 2);) {
    const auto begin = static_cast<std::size_t>(match[1].data() - text.data());
    LinkFound found;
    const bool is_link = impl_->read(original, begin, found);
    at = is_link ? found.candidate.to : begin + match[1].size();
    if (is_link) out.push_back(std::move(found));
  }
  return out;
}

}  // namespace hw::classifier
