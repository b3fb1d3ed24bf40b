// A post's fields, folded into one text, so that every later stage scans once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "classifier/folded.h"
#include "classifier/normalise.h"
#include "common/post.h"

namespace hw::classifier {

enum class FieldKind : std::uint8_t { title, text, author_display, author_bio, tag, quote };

struct Field {
  FieldKind kind = FieldKind::text;
  std::size_t index = 0;           // of tags and quotes
  std::string_view original;       // borrowed from the post
  std::size_t begin = 0, end = 0;  // in the folded text

  std::string name() const;  // "text", "tags/0" …
  bool by_author() const { return kind != FieldKind::quote; }
};

// Borrows the post's strings: it must outlive this. Fields are apart by a line feed.
struct FoldedPost {
  Folded folded;
  std::string_view language;  // as the source states it, a BCP 47 tag; empty: unknown
  std::vector<Field> fields;  // in the order of their text; empty ones are left out
  std::vector<Span> cited;    // lines of the text that begin with ">", beside words of the author's own

  std::string_view text() const { return folded.text(); }
  const Field& field_at(std::size_t position) const;
  bool is_cited(std::size_t position) const;
  // Neither in a quotation of the source's nor in one that the author wrote as mail and Markdown do.
  bool by_author(std::size_t position) const { return !is_cited(position) && field_at(position).by_author(); }
  // The original bytes, counted in their field, of a match in the folded text.
  Span original(std::size_t from, std::size_t to) const { return folded.original(from, to); }
};

FoldedPost fold(const Folder& folder, const Post& post);

std::string_view to_string(FieldKind kind);

}  // namespace hw::classifier
