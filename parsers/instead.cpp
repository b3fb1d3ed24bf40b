#include "parsers/instead.h"

#include <algorithm>
#include <array>

#include "common/text.h"
#include "parsers/adapters.h"

namespace hw::parsers {
namespace {

constexpr std::size_t kEnough = std::size_t{1} << 20;  // what a page is instead, it says early

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

void become(ReadState state, std::string warning, ParsedPage& page) {
  page.state = state;
  page.warnings.push_back(std::move(warning));
}

// "502 bad gateway", "error 404 (not found)": what servers and what stands before them write into a title.
bool names_a_status(std::string_view title) {
  for (std::size_t at = 0; at + 3 <= title.size(); ++at) {
    const auto is_digit = [&](std::size_t i) { return i < title.size() && title[i] >= '0' && title[i] <= '9'; };
    if ((title[at] != '4' && title[at] != '5') || !is_digit(at + 1) || !is_digit(at + 2) || is_digit(at + 3)) continue;
    if (at == 0 || (title[at - 1] == ' ' && (at < 2 || holds(title.substr(0, at), "error")))) return true;
  }
  return false;
}

std::string_view title_in(std::string_view lower_html) {
  const std::size_t tag = lower_html.find("<title");
  const std::size_t from = tag == std::string_view::npos ? tag : lower_html.find('>', tag);
  if (from == std::string_view::npos) return {};
  const std::string_view rest = lower_html.substr(from + 1, 300);
  return trim(rest.substr(0, rest.find('<')));
}

bool asks_for_scripts(std::string_view lower_html) {
  static constexpr std::array<std::string_view, 4> kWords{"enable javascript", "javascript is required",
                                                          "just a moment", "checking your browser"};
  return lower_html.size() < 100'000 &&
         std::any_of(kWords.begin(), kWords.end(), [&](std::string_view words) { return holds(lower_html, words); });
}

const Parser* other_engine(const Parser& parser, const Document& document) {
  const Parser* other = recognise(document);
  return other == nullptr || other->name == parser.name || other->name == "generic" ? nullptr : other;
}

}  // namespace

bool asks_for_password(std::string_view html) {
  const std::string lower = to_lower(html.substr(0, kEnough));
  return holds(lower, "type=\"password\"") || holds(lower, "type='password'") || holds(lower, "type=password");
}

void say_what_came_instead(const Parser& parser, const Document& document, ParsedPage& page) {
  const std::string_view body = document.body;
  if (trim(body.substr(0, kEnough)).empty()) {
    page.warnings.clear();
    return become(ReadState::error_page, "the answer is empty", page);
  }
  if (page.state != ReadState::not_ours && (page.state != ReadState::changed || parser.recognises(document))) return;
  if (const Parser* other = other_engine(parser, document))
    return become(ReadState::not_ours, "it looks like a page of " + std::string(other->name), page);
  if (!trim(body.substr(0, kEnough)).starts_with('<')) return;
  const std::string lower = to_lower(body.substr(0, kEnough));
  if (names_a_status(title_in(lower)))
    become(ReadState::error_page, "the page is a server's own error", page);
  else if (asks_for_scripts(lower))
    become(ReadState::login_wall, "the page asks for scripts, or for a check that a person reads it", page);
  else if (asks_for_password(lower))
    become(ReadState::login_wall, "the page asks for a password", page);
}

}  // namespace hw::parsers
