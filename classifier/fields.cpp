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

FoldedPost fold(const Folder& folder, const Post& post) {
  FoldedPost out;
  out.language = post.lang;
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
  add(FieldKind::author_display, 0, post.author_display);
  add(FieldKind::author_bio, 0, post.author_bio);
  for (std::size_t i = 0; i < post.tags.size(); ++i) add(FieldKind::tag, i, post.tags[i]);
  for (std::size_t i = 0; i < post.quotes.size(); ++i) add(FieldKind::quote, i, post.quotes[i]);
  return out;
}

}  // namespace hw::classifier
