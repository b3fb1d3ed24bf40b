#include "web/demo_pages.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "common/text.h"

namespace hw::web {
namespace {

using Out = std::back_insert_iterator<std::string>;

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "<br>\n";
        break;
      default:
        out += c;
    }
  return out;
}

// An address of this board as it stands in an attribute: link("viewtopic.php", "t=4", sid).
std::string link(std::string_view page, std::string_view query, std::string_view sid) {
  std::string out = fmt::format("./{}", page);
  std::string_view separator = "?";
  for (const std::string& part : {escape(query), sid.empty() ? std::string() : fmt::format("sid={}", sid)}) {
    if (part.empty()) continue;
    out += separator;
    out += part;
    separator = "&amp;";
  }
  return out;
}

std::string page(std::string_view title, std::string_view section, std::string_view body, std::string_view sid) {
  return fmt::format(
      "<!DOCTYPE html>\n<html dir=\"ltr\" lang=\"en-gb\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<title>Riverside board - {0}</title>\n</head>\n"
      "<body id=\"phpbb\" class=\"nojs notouch section-{1} ltr\">\n<div id=\"wrap\" class=\"wrap\">\n"
      "<div id=\"page-header\"><p><a href=\"{2}\">Riverside board</a> | <a href=\"{3}\">Login</a> | "
      "<a href=\"{4}\">Members</a></p></div>\n"
      "<div id=\"page-body\" class=\"page-body\" role=\"main\">\n{5}</div>\n</div>\n</body>\n</html>\n",
      escape(title), section, link("index.php", "", sid), link("ucp.php", "mode=login", sid),
      link("memberlist.php", "", sid), body);
}

const Post& last_post(const DemoBoard& board, const DemoTopic& topic) { return board.posts()[topic.posts.back()]; }

std::string author_link(const DemoBoard& board, std::string_view name, std::string_view sid) {
  const auto found = std::find(board.authors().begin(), board.authors().end(), name);
  const auto number = found - board.authors().begin() + 2;  // 1 is the guest account of such boards
  return fmt::format("<a href=\"{}\" class=\"username\">{}</a>",
                     link("memberlist.php", fmt::format("mode=viewprofile&u={}", number), sid), escape(name));
}

std::string time_of(const Post& post) {
  const std::string time = to_rfc3339(*post.created_at);
  return fmt::format("<time datetime=\"{}+00:00\">{} {}</time>", time.substr(0, 19), time.substr(0, 10),
                     time.substr(11, 5));
}

std::string last_post_cell(const DemoBoard& board, const Post& post, std::string_view sid) {
  return fmt::format(
      "<dd class=\"lastpost\"><span><dfn>Last post</dfn> <a href=\"{}#p{}\" title=\"View the latest post\">view</a> by "
      "{} "
      "<br>{}</span></dd>\n",
      link("viewtopic.php", "p=" + post.id, sid), post.id, author_link(board, post.author, sid), time_of(post));
}

std::string forum_row(const DemoBoard& board, std::size_t forum, std::string_view sid) {
  std::size_t topics = 0;
  std::size_t posts = 0;
  const Post* latest = nullptr;
  for (const DemoTopic& topic : board.topics()) {
    if (topic.forum != forum) continue;
    ++topics;
    posts += topic.posts.size();
    const Post& last = last_post(board, topic);
    if (latest == nullptr || *last.created_at > *latest->created_at) latest = &last;
  }
  return fmt::format(
      "<li class=\"row\"><dl class=\"row-item forum_read\">\n"
      "<dt title=\"No unread posts\"><a href=\"{}\" class=\"forumtitle\">{}</a></dt>\n"
      "<dd class=\"topics\">{} <dfn>Topics</dfn></dd>\n<dd class=\"posts\">{} <dfn>Posts</dfn></dd>\n{}</dl></li>\n",
      link("viewforum.php", fmt::format("f={}", forum + 1), sid), escape(board.forums()[forum]), topics, posts,
      last_post_cell(board, *latest, sid));
}

std::string topic_row(const DemoBoard& board, std::size_t number, std::string_view sid) {
  const DemoTopic& topic = board.topics()[number];
  const Post& first = board.posts()[topic.posts.front()];
  return fmt::format(
      "<li class=\"row bg{}\"><dl class=\"row-item topic_read\">\n"
      "<dt title=\"No unread posts\"><a href=\"{}\" class=\"topictitle\">{}</a><br>\n"
      "<div class=\"topic-poster\">by {} &raquo; {}</div></dt>\n<dd class=\"posts\">{} "
      "<dfn>Replies</dfn></dd>\n{}</dl></li>\n",
      number % 2 + 1, link("viewtopic.php", fmt::format("t={}", number + 1), sid), escape(topic.title),
      author_link(board, first.author, sid), time_of(first), topic.posts.size() - 1,
      last_post_cell(board, last_post(board, topic), sid));
}

struct Pages {
  std::string_view script;
  std::string query;  // "f=2" or "t=7"
  std::size_t total;
  std::size_t per_page;
  std::size_t start;
};

std::string page_link(const Pages& pages, std::size_t start, std::string_view sid) {
  return link(pages.script, start == 0 ? pages.query : fmt::format("{}&start={}", pages.query, start), sid);
}

std::string pagination(const Pages& pages, std::string_view what, std::string_view sid) {
  std::string out = fmt::format("<div class=\"pagination\">{} {}\n<ul>\n", pages.total, what);
  if (pages.start >= pages.per_page)
    fmt::format_to(Out(out),
                   "<li class=\"arrow previous\"><a class=\"button\" href=\"{}\" rel=\"prev\">Previous</a></li>\n",
                   page_link(pages, pages.start - pages.per_page, sid));
  for (std::size_t from = 0; from < pages.total && pages.total > pages.per_page; from += pages.per_page)
    fmt::format_to(Out(out), "<li><a class=\"button\" href=\"{}\">{}</a></li>\n", page_link(pages, from, sid),
                   from / pages.per_page + 1);
  if (pages.start + pages.per_page < pages.total)
    fmt::format_to(Out(out), "<li class=\"arrow next\"><a class=\"button\" href=\"{}\" rel=\"next\">Next</a></li>\n",
                   page_link(pages, pages.start + pages.per_page, sid));
  return out + "</ul>\n</div>\n";
}

std::string content_of(const Post& post) {
  std::string out;
  for (const std::string& quote : post.quotes)
    fmt::format_to(Out(out), "<blockquote><div><cite>Somebody wrote:</cite>{}</div></blockquote>", escape(quote));
  out += escape(post.text);
  for (const Link& to : post.links)
    fmt::format_to(Out(out), " <a href=\"{}\" class=\"postlink\">{}</a>", escape(to.url), escape(to.text));
  return out;
}

std::string post_block(const DemoBoard& board, const Post& post, bool first, std::string_view sid) {
  const std::string author = author_link(board, post.author, sid);
  return fmt::format(
      "<div id=\"p{0}\" class=\"post has-profile\">\n<dl class=\"postprofile\" id=\"profile{0}\">"
      "<dt><img class=\"avatar\" src=\"./download/file.php?avatar={0}.png\" alt=\"\">{1}</dt></dl>\n"
      "<div class=\"postbody\"><div id=\"post_content{0}\">\n<h3><a href=\"{2}#p{0}\">{3}{4}</a></h3>\n"
      "<p class=\"author\"><span>by <strong>{1}</strong> &raquo; </span>{5}</p>\n"
      "<div class=\"content\">{6}</div>\n</div></div>\n</div>\n",
      post.id, author, link("viewtopic.php", "p=" + post.id, sid), first ? "" : "Re: ", escape(post.title),
      time_of(post), content_of(post));
}

}  // namespace

std::string index_page(const DemoBoard& board, std::string_view sid) {
  std::string body = "<div class=\"forabg\"><ul class=\"topiclist forums\">\n";
  for (std::size_t forum = 0; forum < board.forums().size(); ++forum) body += forum_row(board, forum, sid);
  return page("Index page", "index", body + "</ul></div>\n", sid);
}

std::string forum_page(const DemoBoard& board, std::size_t forum, std::size_t start, std::string_view sid) {
  std::vector<std::size_t> topics;
  for (std::size_t at = 0; at < board.topics().size(); ++at)
    if (board.topics()[at].forum == forum) topics.push_back(at);
  const auto latest = [&](std::size_t topic) { return *last_post(board, board.topics()[topic]).created_at; };
  std::stable_sort(topics.begin(), topics.end(), [&](auto a, auto b) { return latest(a) > latest(b); });
  std::string rows;
  for (std::size_t at = start; at < std::min(topics.size(), start + kTopicsPerPage); ++at)
    rows += topic_row(board, topics[at], sid);
  const Pages pages{"viewforum.php", fmt::format("f={}", forum + 1), topics.size(), kTopicsPerPage, start};
  const std::string body = fmt::format(
      "<h2 class=\"forum-title\">{}</h2>\n{}<div class=\"forumbg\"><ul class=\"topiclist topics\">\n{}</ul></div>\n",
      escape(board.forums()[forum]), pagination(pages, "topics", sid), rows);
  return page(board.forums()[forum], "viewforum", body, sid);
}

std::string topic_page(const DemoBoard& board, std::size_t number, std::size_t start, std::string_view sid) {
  const DemoTopic& topic = board.topics()[number];
  const Pages pages{"viewtopic.php", fmt::format("t={}", number + 1), topic.posts.size(), kPostsPerPage, start};
  std::string body = fmt::format("<h2 class=\"topic-title\"><a href=\"{}\">{}</a></h2>\n{}",
                                 page_link(pages, start, sid), escape(topic.title), pagination(pages, "posts", sid));
  for (std::size_t at = start; at < std::min(topic.posts.size(), start + kPostsPerPage); ++at)
    body += post_block(board, board.posts()[topic.posts[at]], at == 0, sid);
  return page(topic.title, "viewtopic", body, sid);
}

std::string message_page(std::string_view message, std::string_view sid) {
  const std::string body =
      fmt::format("<div class=\"panel\" id=\"message\"><h2 class=\"message-title\">Information</h2><p>{}</p></div>\n",
                  escape(message));
  return page("Information", "message", body, sid);
}

}  // namespace hw::web
