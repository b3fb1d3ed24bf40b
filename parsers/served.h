// A hit's own post as it stood in its page, for evidence: the served markup or object without what is not ours to keep.
//
// Cut are media in every form (elements, addresses, data:), scripts, styles, embeds, and what other people wrote
// (quotations). The rest keeps its bytes, so that it can be compared with the page. A mark says where something was
// cut. Never longer than kMostBytesServed, always valid UTF-8 when its source is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "parsers/html.h"

namespace hw::parsers {

inline constexpr std::size_t kMostBytesServed = std::size_t{64} << 10;

// A piece of HTML or XML. Markup that stands escaped within it ("&lt;img …") is cut alike.
std::string served_markup(std::string_view markup);

// The bytes that `post` was read from. `next` is where the next post begins, should broken markup have put it within
// this one; it and what follows are left out.
std::string served_fragment(Node post, Node next = {});

// A whole page without media, scripts and embeds, quotations and all, in valid UTF-8; as long as it is.
std::string text_of_page(std::string_view page);

// True for a text that is nothing but an address of media, or a data: address.
bool is_served_media(std::string_view text);

// A JSON object of an API: strings of markup are cut as above, addresses of media and the members named `others`
// (replies, quoted posts, parents: other people's) go. Json is nlohmann::json; no other header needs to know it.
template <class Json>
std::string served_object(const Json& post, std::initializer_list<std::string_view> others = {});

// What served_object() keeps of one value.
template <class Json>
Json served_value(const Json& value, std::initializer_list<std::string_view> others, int depth = 0) {
  constexpr int kDeepest = 40;
  if (value.is_string()) {
    const auto& text = value.template get_ref<const std::string&>();
    return is_served_media(text) ? Json("[cut]") : Json(served_markup(text));
  }
  if (!value.is_structured()) return value;
  if (depth == kDeepest) return Json("[cut]");
  Json kept = value.is_object() ? Json::object() : Json::array();
  for (const auto& [name, item] : value.items()) {
    if (value.is_array())
      kept.push_back(served_value(item, others, depth + 1));
    else if (std::find(others.begin(), others.end(), std::string_view(name)) == others.end())
      kept[name] = served_value(item, others, depth + 1);
  }
  return kept;
}

template <class Json>
std::string served_object(const Json& post, std::initializer_list<std::string_view> others) {
  std::string text = served_value(post, others).dump(-1, ' ', false, Json::error_handler_t::replace);
  return text.size() <= kMostBytesServed ? text : R"({"cut":"longer than is kept"})";
}

}  // namespace hw::parsers
