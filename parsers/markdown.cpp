#include "parsers/markdown.h"

#include "common/text.h"
#include "parsers/addresses.h"

namespace hw::parsers {
namespace {

// A bracketed label with its target: "[label](target)". Ends are past the closing parenthesis.
struct Reference {
  std::string_view label;
  std::string_view target;
  std::size_t end = 0;
};

constexpr std::size_t kLongestLabel = 1000;
constexpr std::size_t kLongestTarget = 8192;

std::optional<Reference> reference_at(std::string_view line, std::size_t open) {
  const std::size_t close = line.substr(0, open + kLongestLabel).find(']', open);
  if (close == std::string_view::npos || close + 1 >= line.size() || line[close + 1] != '(') return std::nullopt;
  const std::size_t end = line.substr(0, close + kLongestTarget).find(')', close);
  if (end == std::string_view::npos) return std::nullopt;
  std::string_view target = trim(line.substr(close + 2, end - close - 2));
  target = target.substr(0, target.find_first_of(" \t"));  // a title may follow
  if (target.size() >= 2 && target.front() == '<' && target.back() == '>') target = target.substr(1, target.size() - 2);
  return Reference{line.substr(open + 1, close - open - 1), target, end + 1};
}

class MarkdownReader {
 public:
  explicit MarkdownReader(std::string_view page_url) : page_url_(page_url) {}

  Written read(std::string_view markdown) {
    for (std::string_view line : split(markdown, '\n')) {
      if (line.ends_with('\r')) line.remove_suffix(1);
      read_line(line);
    }
    end_quote();
    written_.text = std::string(trim(written_.text));
    return std::move(written_);
  }

 private:
  void read_line(std::string_view line) {
    const std::string_view start = trim(line);
    if (start.starts_with("```") || start.starts_with("~~~")) fenced_ = !fenced_;
    if (start.starts_with(":::")) return;  // the fence of a spoiler, which a reader opens
    const bool spoiler = start.starts_with(">!");
    if (!fenced_ && !spoiler && (start.starts_with('>') || start.starts_with("&gt;"))) return quote_line(start);
    end_quote();
    if (!fenced_ && start.empty() && written_.text.ends_with("\n\n")) return;
    write_inline(spoiler ? start.substr(2) : line, written_.text, true);
    written_.text += '\n';
  }

  void quote_line(std::string_view line) {
    while (line.starts_with('>') || line.starts_with("&gt;")) line = trim(line.substr(line.front() == '>' ? 1 : 4));
    write_inline(line, quote_, false);
    quote_ += '\n';
  }

  void end_quote() {
    const std::string_view text = trim(quote_);
    if (!text.empty()) written_.quotes.emplace_back(text);
    quote_.clear();
  }

  void write_inline(std::string_view line, std::string& out, bool own) {
    for (std::size_t at = 0; at < line.size();) {
      const bool image = line[at] == '!' && at + 1 < line.size() && line[at + 1] == '[';
      const std::size_t open = image ? at + 1 : at;
      const auto reference = line[open] == '[' ? reference_at(line, open) : std::nullopt;
      if (!reference) {
        out += line[at++];
        continue;
      }
      if (!image) {
        out += reference->label;
        Link link{written_link(page_url_, reference->target), std::string(reference->label)};
        if (own && !link.url.empty()) written_.links.push_back(std::move(link));
      }
      at = reference->end;
    }
  }

  std::string_view page_url_;
  Written written_;
  std::string quote_;
  bool fenced_ = false;
};

}  // namespace

Written written_in_markdown(std::string_view markdown, std::string_view page_url) {
  return MarkdownReader(page_url).read(markdown);
}

}  // namespace hw::parsers
