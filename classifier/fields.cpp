#include "classifier/fields.h"

#include <algorithm>

namespace hw::classifier {

std::string_view to_string(FieldKind kind) {
  switch (kind) {
    case FieldKind::title:
      return "title";
    case FieldKind::text:
      return "text";
    case FieldKind::author_display:
      return "author_display";
    case FieldKind::author_bio:
      return "author_bio";
    case FieldKind::tag:
      return "tags";
    case FieldKind::quote:
      return "quotes";
  }
  return "";
}

std::string Field::name() const {
  std::string out(to_string(kind));
  if (kind == FieldKind::tag || kind == FieldKind::quote) out += "/" + std::to_string(index);
  return out;
}

const Field& FoldedPost::field_at(std::size_t position) const {
  const auto after = std::upper_bound(fields.begin(), fields.end(), position,
                                      [](std::size_t value, const Field& field) { return value < field.begin; });
  return *std::prev(after);
}

bool FoldedPost::is_cited(std::size_t position) const {
  return std::any_of(cited.begin(), cited.end(),
                     [&](const Span& span) { return position >= span.from && position < span.to; });
}

namespace {

constexpr std::size_t kOwnWords = 8;  // letters and digits that the author has to add to a quotation

bool is_word(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// "> what somebody said", a line long. A text of nothing else is its author's own.
std::vector<Span> cited_lines(std::string_view text, std::size_t begin, std::size_t end) {
  std::vector<Span> out;
  std::size_t own = 0;
  while (begin < end) {
    const std::size_t line_end = std::min(text.find('\n', begin), end);
    const std::string_view line = text.substr(begin, line_end - begin);
    if (line.starts_with("> ") || line.starts_with(">>"))
      out.push_back({begin, line_end});
    else
      own += static_cast<std::size_t>(std::count_if(line.begin(), line.end(), is_word));
    begin = line_end + 1;
  }
  return own >= kOwnWords ? out : std::vector<Span>{};
}

}  // namespace

FoldedPost fold(const Folder& folder, const Post& post) {
  FoldedPost out;
  out.language = post.lang;
  out.folded.reserve(post.title.size() + post.text.size() + 64);
  const auto add = [&](FieldKind kind, std::size_t index, std::string_view original) {
    if (original.empty()) return;
    if (!out.fields.empty()) out.folded.append_replaced("\n", 0, 1);
    Field field{kind, index, original, out.folded.text().size(), 0};
    folder.fold(original, out.folded);
    field.end = out.folded.text().size();
    out.fields.push_back(field);
  };
  add(FieldKind::title, 0, post.title);
  add(FieldKind::text, 0, post.text);
  if (!out.fields.empty() && out.fields.back().kind == FieldKind::text && post.text.find('>') != std::string::npos)
    out.cited = cited_lines(out.text(), out.fields.back().begin, out.fields.back().end);
  add(FieldKind::author_display, 0, post.author_display);
  add(FieldKind::author_bio, 0, post.author_bio);
  for (std::size_t i = 0; i < post.tags.size(); ++i) add(FieldKind::tag, i, post.tags[i]);
  for (std::size_t i = 0; i < post.quotes.size(); ++i) add(FieldKind::quote, i, post.quotes[i]);
  return out;
}

}  // namespace hw::classifier
