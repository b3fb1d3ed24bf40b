#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/generic.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/select.h"
#include "parsers/served.h"

namespace hw::parsers::generic {
namespace {

constexpr std::size_t kMostGroups = 400;     // that are looked at, the largest first
constexpr std::size_t kMostTexts = 500'000;  // that are read to judge groups, over all of them: blocks may nest
constexpr std::size_t kMostTimes = 200;      // texts of a block that are tried as its time
constexpr std::size_t kMostPartsOfAName = 20;

// What a page may cost. A part that is not looked at any more counts as empty.
struct Budget {
  std::size_t left = kMostTexts;
  bool spend(std::size_t texts) {
    const bool enough = left >= texts;
    left -= std::min(left, texts);
    return enough;
  }
};

bool is_small(Node node, std::size_t& left) {
  if (left == 0) return false;
  --left;
  for (std::size_t i = 0; i < node.child_count(); ++i)
    if (!is_small(node.child(i), left)) return false;
  return true;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "post-12" → "post-": what the ids of a page's posts have in common.
std::string without_digits(std::string_view text) {
  std::string kept;
  for (const char c : text)
    if (!is_digit(c)) kept += c;
  return kept;
}

// The same for elements that play the same part: tag and numbered id, else tag and first class.
std::string likeness_of(Node node) {
  static constexpr std::array<std::string_view, 8> kBlocks{"div", "li",    "article", "table",
                                                           "tr",  "tbody", "section", "dl"};
  if (std::find(kBlocks.begin(), kBlocks.end(), node.tag()) == kBlocks.end()) return {};
  const std::string_view id = node.attribute("id");
  std::string likeness(node.tag());
  if (std::any_of(id.begin(), id.end(), is_digit)) return likeness + "#" + without_digits(id);
  std::string_view classes = trim(node.attribute("class"));
  classes = classes.substr(0, classes.find_first_of(" \t\n"));
  return classes.empty() ? std::string() : likeness + "." + without_digits(classes);
}

bool names_a_person(std::string_view words) {
  const std::string lower = to_lower(words);
  return forum::holds_any(lower, {"author", "username", "user-name", "user_name", "poster", "nickname", "userlink"}) &&
         !forum::holds_any(lower, {"avatar", "button", "control", "info", "statist", "title", "rank"});
}

bool leads_to_a_person(std::string_view href) {
  const std::string lower = to_lower(href);
  return forum::holds_any(lower, {"member", "profile", "/user", "user/", "user.php", "/people/", "/u/", "/@"}) &&
         !forum::holds_any(lower, {"search", "find"});
}

bool is_name(Node node) {
  std::size_t left = kMostPartsOfAName;
  if (!is_small(node, left)) return false;
  const std::string text = line_of(node);
  return !text.empty() && text.size() <= 60 && text.front() != '#';
}

// Words of three letters or more outside links and bylines: what somebody wrote.
std::size_t words_in(Node block, Budget& budget) {
  std::size_t words = 0;
  const std::vector<Node> texts = budget.left > 0 ? texts_in(block) : std::vector<Node>();
  if (!budget.spend(texts.size())) return 0;
  for (const Node text : texts) {
    const Node above = text.parent();
    if (above.tag() == "a" || above.tag() == "script" || above.tag() == "style" || closest(text, {.tag = "a"}))
      continue;
    std::size_t letters = 0;
    for (const char c : text.text()) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
      letters = letter ? letters + 1 : 0;
      if (letters == 3) ++words;
    }
  }
  return words;
}

// What is known of a group's members.
struct Weighed {
  const Group* group = nullptr;
  std::size_t with_time = 0;
  std::size_t with_author = 0;
  std::size_t teasers = 0;
  std::size_t words = 0;

  bool most(std::size_t count) const { return count * 10 >= group->size() * 6; }
  bool reads_like_posts() const {
    return most(with_time) && most(with_author) && !most(teasers) && words >= 6 * group->size();
  }
  bool reads_like_rows() const { return group->size() >= 3 && most(with_time); }
};

// A heading that leads to another page.
bool is_teaser(Node block, const std::string& base) {
  const auto own = page_address(base);
  for (const char* tag : {"h1", "h2", "h3", "h4"}) {
    const Node heading = first(block, {.tag = tag});
    const Node link = heading ? first(heading, {.tag = "a", .attribute = "href"}) : Node();
    if (!link || leads_to_a_person(link.attribute("href"))) continue;
    const auto target = resolve_url(base, link.attribute("href"));
    return !target || !own || target->authority() != own->authority() || target->path != own->path;
  }
  return false;
}

Weighed weigh(const Group& group, const forum::Thread& thread, Budget& budget) {
  Weighed weighed{&group, 0, 0, 0, 0};
  for (const Node block : group) {
    weighed.words += words_in(block, budget);
    if (budget.left == 0) return {};
    weighed.with_time += time_in(block, thread.times) ? 1 : 0;
    weighed.with_author += author_in(block) ? 1 : 0;
    weighed.teasers += is_teaser(block, thread.base) ? 1 : 0;
  }
  return weighed;
}

bool is_within(Node inner, Node outer) {
  for (Node above = inner.parent(); above; above = above.parent())
    if (above == outer) return true;
  return false;
}

bool is_numbered(Node block) { return !forum::last_number(block.attribute("id")).empty(); }

// The group with the most members, those with numbers of their own first; among equals the innermost that still holds
// most of the words.
bool is_better(const Weighed& a, const Weighed& b) {
  if (b.group == nullptr) return true;
  const bool numbered = is_numbered(a.group->front());
  if (numbered != is_numbered(b.group->front())) return numbered;
  if (a.group->size() != b.group->size()) return a.group->size() > b.group->size();
  if (is_within(b.group->front(), a.group->front())) return a.words * 7 > b.words * 10;
  return is_within(a.group->front(), b.group->front()) && a.words * 10 >= b.words * 7;
}

template <class Fits>
Weighed best_of(const std::vector<Group>& groups, const forum::Thread& thread, Fits fits) {
  Weighed best;
  Budget budget;
  for (const Group& group : groups) {
    const Weighed weighed = weigh(group, thread, budget);
    if (weighed.group != nullptr && fits(weighed) && is_better(weighed, best)) best = weighed;
  }
  return best;
}

// In how many posts a part stands, and the words in it over all of them.
using Parts = std::map<std::string, std::pair<std::size_t, std::size_t>>;

// The part with the fewest words that still has most of them: signatures and buttons around it stay outside.
std::string tightest(const Parts& parts) {
  std::size_t most = 0;
  for (const auto& [likeness, counts] : parts) most = std::max(most, counts.second);
  std::string best;
  std::size_t fewest = most + 1;
  for (const auto& [likeness, counts] : parts) {
    if (counts.second * 10 < most * 7 || counts.second >= fewest) continue;
    best = likeness;
    fewest = counts.second;
  }
  return best;
}

// Which of the parts that all posts have (by tag and class) holds the most words: their text. Parts that hold the
// author or the time are the frame.
std::string likeness_of_text(const Group& group, const forum::Thread& thread) {
  Budget budget;
  Parts parts;
  for (const Node block : group) {
    const Node time = time_in(block, thread.times);
    const Node author = author_in(block);
    std::set<std::string> seen;
    for (const Node part : all_of(block, {.attribute = "class"})) {
      const std::string likeness = std::string(part.tag()) + "." + without_digits(part.attribute("class"));
      if (part == time || part == author || is_within(time, part) || is_within(author, part)) continue;
      if (!seen.insert(likeness).second) continue;
      auto& [posts, words] = parts[likeness];
      ++posts;
      words += words_in(part, budget);
    }
  }
  std::erase_if(parts, [&](const auto& part) { return part.second.first * 10 < group.size() * 7; });
  return tightest(parts);
}

Node part_like(Node block, const std::string& likeness) {
  for (const Node part : all_of(block, {.attribute = "class"}))
    if (std::string(part.tag()) + "." + without_digits(part.attribute("class")) == likeness) return part;
  return {};
}

// A byline may hold a name with digits beside the time: then the time's own text is read alone.
std::optional<Time> read_time(Node node, forum::Thread& thread) {
  if (const auto time = thread.time_in(node)) return time;
  for (const Node text : texts_in(node))
    if (const auto time = written_time(text.text(), thread.times)) return time;
  return std::nullopt;
}

// The number in an element's own id, or in that of an anchor within it.
std::string number_of(Node block) {
  for (const char* name : {"id", "data-id", "data-post-id", "data-message-id"})
    if (const std::string number = forum::last_number(block.attribute(name)); !number.empty()) return number;
  for (const Node part : all_of(block, {.attribute = "id"}))
    if (const std::string number = forum::last_number(part.attribute("id")); !number.empty()) return number;
  return forum::last_number(first(block, {.tag = "a", .attribute = "name"}).attribute("name"));
}

// A link within the page's own address that names the post.
std::string permalink_in(Node block, const std::string& number, const forum::Thread& thread) {
  if (number.empty()) return {};
  for (const Node link : all_of(block, {.tag = "a", .attribute = "href", .containing = number}))
    if (page_link(thread.base, link.attribute("href"))) return written_link(thread.base, link.attribute("href"));
  return {};
}

Post read_block(Node block, Node next, const std::string& text_part, forum::Thread& thread) {
  Post post;
  const Node author = author_in(block);
  post.author = line_of(author);
  const Node profile = author.tag() == "a" ? author : first(author, {.tag = "a", .attribute = "href"});
  post.author_id = forum::last_number(profile.attribute("href"));
  post.created_at = read_time(time_in(block, thread.times), thread);
  post.title = thread.title;
  const Node text = part_like(block, text_part);
  forum::write_into(post, text ? text : block, thread);
  post.id = number_of(block);
  post.url = permalink_in(block, post.id, thread);
  if (post.id.empty()) post.id = made_up_id(post);
  post.as_served = served_fragment(block, next);
  return post;
}

// A row's longest link of this host: its thread.
Node longest_link(Node row, const forum::Thread& thread) {
  Node longest;
  std::size_t length = 0;
  for (const Node link : all_of(row, {.tag = "a", .attribute = "href"})) {
    const std::size_t size = line_of(link).size();
    if (size <= length || leads_to_a_person(link.attribute("href")) || !page_link(thread.base, link.attribute("href")))
      continue;
    longest = link;
    length = size;
  }
  return longest;
}

}  // namespace

std::vector<Group> groups_in(Node root) {
  std::map<std::string, Group> by_likeness;
  for (const Node node : all_of(root, {})) {
    const std::string likeness = likeness_of(node);
    if (likeness.empty()) continue;
    Group& group = by_likeness[likeness];
    const bool nested = !group.empty() && is_within(node, group.back());
    if (!nested && group.size() < kMostPosts) group.push_back(node);
  }
  std::vector<Group> groups;
  for (auto& [likeness, group] : by_likeness)
    if (group.size() >= 2) groups.push_back(std::move(group));
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.size() > b.size(); });
  if (groups.size() > kMostGroups) groups.resize(kMostGroups);
  return groups;
}

Node time_in(Node block, const TimeStyle& style) {
  for (const Match& match :
       {Match{.tag = "time"}, Match{.attribute = "data-time"}, Match{.attribute = "data-timestamp"}})
    if (const Node found = first(block, match)) return found;
  std::vector<Node> texts = texts_in(block);
  if (texts.size() > kMostTimes) texts.resize(kMostTimes);
  for (const Node text : texts) {
    if (text.text().size() > 80 || text.text().find_first_of("0123456789") == std::string_view::npos) continue;
    const Node above = text.parent();
    if (written_time(text.text(), style)) return above;
    const Node frame = above.parent();
    if (frame != block && frame.child_count() < 6 && written_time(time_text(frame), style)) return frame;
  }
  return {};
}

Node author_in(Node block) {
  for (const Node link : all_of(block, {.tag = "a", .attribute = "href"}))
    if (leads_to_a_person(link.attribute("href")) && !forum::holds(link.attribute("class"), "avatar") && is_name(link))
      return link;
  for (const Node node : all_of(block, {.attribute = "class"}))
    if (names_a_person(node.attribute("class")) && is_name(node)) return node;
  return {};
}

std::vector<Post> read_blocks(Node root, forum::Thread& thread) {
  const std::vector<Group> groups = groups_in(root);
  const Weighed best = best_of(groups, thread, [](const Weighed& weighed) { return weighed.reads_like_posts(); });
  std::vector<Post> posts;
  if (best.group == nullptr) return posts;
  const std::string text_part = likeness_of_text(*best.group, thread);
  for (std::size_t i = 0; i < best.group->size(); ++i) {
    const Node next = i + 1 < best.group->size() ? (*best.group)[i + 1] : Node();
    Post post = read_block((*best.group)[i], next, text_part, thread);
    const bool frame = post.author.empty() && !post.created_at;  // looks like a post's block and is none
    if (!frame) posts.push_back(std::move(post));
  }
  return posts;
}

std::vector<Request> read_rows(Node root, const forum::Thread& thread) {
  const std::vector<Group> groups = groups_in(root);
  const Weighed best = best_of(groups, thread, [](const Weighed& weighed) { return weighed.reads_like_rows(); });
  std::vector<Request> links;
  if (best.group == nullptr) return links;
  for (const Node row : *best.group) {
    const auto url = page_link(thread.base, longest_link(row, thread).attribute("href"));
    if (url)
      links.push_back({url->text(), PageRole::thread, forum::stamp_of_time(time_in(row, thread.times), thread.times)});
  }
  return each_once(std::move(links));
}

}  // namespace hw::parsers::generic
