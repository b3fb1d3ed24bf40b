#include "app/hit_view.h"

#include <ostream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/reading.h"
#include "app/terminal.h"
#include "common/text.h"

namespace hw::app {
namespace {

using nlohmann::ordered_json;

void print_field(std::ostream& out, std::string_view name, std::string_view value) {
  if (!value.empty()) out << fmt::format("  {:<10} {}\n", name, escape_for_terminal(value));
}

// What somebody else wrote, line by line behind a bar, so that it cannot pass for ours.
void print_quoted(std::ostream& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  out << "  " << name << '\n';
  const std::string harmless = without_live_links(text);
  for (const std::string_view line : split(harmless, '\n')) out << "    | " << escape_for_terminal(line) << '\n';
}

std::string author_of(const Post& post) {
  std::string author = post.author;
  if (!post.author_display.empty() && post.author_display != post.author)
    author += fmt::format(" ({})", post.author_display);
  if (!post.author_id.empty()) author += fmt::format(", id {}", post.author_id);
  return author;
}

void print_head(std::ostream& out, const db::HitRow& row, const db::Judged& judged) {
  out << style(out, Style::bold) << "hit " << row.hit << style(out, Style::plain)
      << fmt::format(" · {} · {} · score {:.2f}\n", to_string(row.band), to_string(row.state), judged.verdict.score);
  print_field(out, "platform", row.platform + ", source " + row.source);
  print_field(out, "author", author_of(judged.post));
  if (row.account) print_field(out, "account", fmt::format("row {}", *row.account));
  if (judged.post.created_at) print_field(out, "posted", to_rfc3339(*judged.post.created_at));
  print_field(out, "seen", to_rfc3339(judged.seen_at));
  print_field(out, "address", defang(judged.post.url));
  print_field(out, "flags", fmt::format("{}", fmt::join(row.flags, ", ")));
  print_field(out, "marks", mark_words(row.marks));
}

void print_verdict(std::ostream& out, const Verdict& verdict) {
  for (const HandleFound& handle : verdict.handles)
    out << "    "
        << escape_for_terminal(fmt::format("{} {}, {} in {} ({:.2f})", handle.messenger,
                                           without_live_links(handle.handle), to_string(handle.intent), handle.field,
                                           handle.confidence))
        << '\n';
  out << "  reasons\n";
  for (const std::string& reason : verdict.reasons) out << "    " << escape_for_terminal(reason) << '\n';
}

void print_post(std::ostream& out, const Post& post) {
  print_quoted(out, "title", post.title);
  print_quoted(out, "text", post.text);
  for (const std::string& quote : post.quotes) print_quoted(out, "quotes", quote);
  for (const Link& link : post.links)
    print_quoted(out, "links to", link.url + (link.text.empty() ? "" : "  " + link.text));
  print_field(out, "tags", fmt::format("{}", fmt::join(post.tags, ", ")));
  print_quoted(out, "bio", post.author_bio);
}

std::vector<std::string_view> flag_words(const Verdict& verdict) {
  std::vector<std::string_view> words;
  for (const Flag flag : verdict.flags) words.push_back(to_string(flag));
  return words;
}

void print_reviews(std::ostream& out, const std::vector<db::ReviewRow>& reviews) {
  if (!reviews.empty()) out << "  reviews\n";
  for (const db::ReviewRow& review : reviews)
    out << "    " << review.day << ' ' << escape_for_terminal(review.reviewer) << ": " << review.verdict
        << (review.handle ? fmt::format(", handle {}", *review.handle) : "")
        << (review.sign.empty() ? "" : ", on " + review.sign) << '\n';
}

// A header is a pair.
std::string shown(const ordered_json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array() && value.size() == 2 && value[0].is_string() && value[1].is_string())
    return (value[0].get<std::string>().empty() ? "" : value[0].get<std::string>() + ": ") +
           value[1].get<std::string>();
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

void print_evidence(std::ostream& out, std::string_view which, const db::Judged& judged) {
  out << fmt::format("evidence of {}\n", which);
  auto capture = ordered_json::parse(judged.capture, nullptr, false);
  if (!capture.is_object()) {
    out << "  no capture record: it was recorded by an earlier version\n";
    capture = ordered_json::object();
  }
  for (const auto& [key, value] : capture.items()) {
    if (key == "spans") continue;  // the verdict above has them
    if (value.is_array())
      for (const auto& each : value)
        out << fmt::format("  {:<20} {}\n", key, escape_for_terminal(without_live_links(shown(each))));
    else
      out << fmt::format("  {:<20} {}\n", key, escape_for_terminal(without_live_links(shown(value))));
  }
  print_quoted(out, "as served", judged.post.as_served);
  if (!judged.page.empty()) out << fmt::format("  the whole page is kept, {} bytes\n", judged.page.size());
}

std::string without_live_links(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t space = std::min(text.find_first_of(" \t\r\n", at), text.size());
    const std::string_view word = text.substr(at, space - at);
    const std::size_t scheme = word.find("://");
    // "(https://…": the address begins after whatever stands before its scheme.
    std::size_t start = 0;
    if (scheme != std::string_view::npos)
      for (start = scheme; start > 0 && std::isalpha(static_cast<unsigned char>(word[start - 1])) != 0;) --start;
    const bool address = word.find('/') != std::string_view::npos || to_lower(word.substr(0, 4)) == "www.";
    out += word.substr(0, start);
    out += address ? defang(to_lower(word.substr(start, 4)) == "http" ? "http" + std::string(word.substr(start + 4))
                                                                      : std::string(word.substr(start)))
                   : std::string(word);
    if (space < text.size()) out += text[space];
    at = space + 1;
  }
  return out;
}

std::string hit_json(const db::HitRow& row, const db::Judged& judged) {
  const Post& post = judged.post;
  const Verdict& verdict = judged.verdict;
  ordered_json out;
  out["hit"] = row.hit;
  out["band"] = to_string(row.band);
  out["score"] = verdict.score;
  out["state"] = to_string(row.state);
  out["platform"] = row.platform;
  out["source"] = row.source;
  out["post_id"] = post.id;
  out["seen_at"] = to_rfc3339(judged.seen_at);
  if (post.created_at) out["created_at"] = to_rfc3339(*post.created_at);
  out["rules"] = row.rules;
  out["flags"] = row.flags;
  out["marks"] = ordered_json::array();
  for (const db::Mark mark : row.marks) out["marks"].push_back(db::to_string(mark));
  out["handles"] = ordered_json::array();
  for (const HandleFound& handle : verdict.handles)
    if (handle.intent == Intent::advertised)
      out["handles"].push_back(ordered_json{{"messenger", handle.messenger}, {"handle", handle.handle}});
  out["handle_rows"] = row.handles;
  out["account_row"] = row.account ? ordered_json(*row.account) : ordered_json();
  out["author"] = post.author;
  out["url"] = defang(post.url);
  out["title"] = post.title;
  out["text"] = post.text;
  out["reasons"] = verdict.reasons;
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

void print_hit(std::ostream& out, const db::HitRow& row, const db::Judged& judged,
               const std::vector<db::ReviewRow>& reviews) {
  print_head(out, row, judged);
  out << fmt::format("  handles    rows {}\n",
                     row.handles.empty() ? "none" : fmt::format("{}", fmt::join(row.handles, ", ")));
  print_verdict(out, judged.verdict);
  print_post(out, judged.post);
  print_reviews(out, reviews);
}

void print_judged(std::ostream& out, const db::Judged& judged) {
  const Post& post = judged.post;
  print_field(out, "platform", fmt::format("{}, source {}", post.platform, post.source));
  print_field(out, "author", author_of(post));
  if (post.created_at) print_field(out, "posted", to_rfc3339(*post.created_at));
  print_field(out, "seen", to_rfc3339(judged.seen_at));
  print_field(out, "address", defang(post.url));
  print_field(out, "flags", fmt::format("{}", fmt::join(flag_words(judged.verdict), ", ")));
  if (!judged.verdict.handles.empty()) out << "  handles\n";
  print_verdict(out, judged.verdict);
  print_post(out, post);
}

}  // namespace hw::app
