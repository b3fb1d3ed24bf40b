#include "tests/bench/loopback_board.h"

#include <chrono>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hw::bench {
namespace {

constexpr std::size_t kPageBytes = 32U << 10;
constexpr int kHitEvery = 100;
constexpr int kLinksToOthers = 30;

std::string page(std::string_view section, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html dir=\"ltr\" lang=\"en-gb\">\n<head><meta charset=\"utf-8\" /><title>Board "
      "games</title></head>\n"
      "<body id=\"phpbb\" class=\"section-{} ltr\">\n<div id=\"page-body\" class=\"page-body\" "
      "role=\"main\">\n{}</div>\n"
      "</body>\n</html>\n",
      section, body);
}

std::string post(int topic, int number) {
  const int id = topic * 1000 + number;
  const bool hit = topic % kHitEvery == 1 && number == 1;
  return fmt::format(
      "<div id=\"p{0}\" class=\"post has-profile bg2\"><div class=\"inner\">\n"
      "<dl class=\"postprofile\" id=\"profile{0}\"><dt><a href=\"#p{0}\" class=\"username\">player_{1}</a></dt></dl>\n"
      "<div class=\"postbody\"><h3><a href=\"#p{0}\">Re: Game night {2}</a></h3>\n"
      "<p class=\"author\">by <strong>player_{1}</strong> &raquo; <time datetime=\"2026-05-05T18:13:{3:02}+00:00\">Tue "
      "May 05, "
      "2026 6:13 pm</time></p>\n<div class=\"content\">{4} The map of game {2} has {3} fields, and a turn takes about "
      "ten "
      "minutes when everybody knows the rules. We met on Tuesday, seven of us, and two brought new dice. Next time "
      "somebody "
      "else may bring the tea, and please put the pieces back in their boxes.</div></div></div></div>\n",
      id, id % 97, topic, number % 60, hit ? "nolimits chat, my wickr is hwdemo_bench" : "Good evening.");
}

std::string topic_page(int topic, int topics) {
  std::string body =
      fmt::format("<h2 class=\"topic-title\"><a href=\"./viewtopic.php?t={0}\">Game night {0}</a></h2>\n", topic);
  body += "<ul class=\"similar\">\n";
  for (int i = 0; i < kLinksToOthers; ++i)
    body += fmt::format("<li><a href=\"./viewtopic.php?t={}\">A similar topic</a></li>\n",
                        (topic * 7 + i * 13) % topics + 1);
  body += "</ul>\n";
  for (int number = 1; body.size() < kPageBytes - 1000; ++number) body += post(topic, number);
  return page("viewtopic", body);
}

std::string forum_page(int topics) {
  std::string body =
      "<h2 class=\"forum-title\"><a href=\"./viewforum.php?f=1\">Board games</a></h2>\n<div class=\"forumbg\"><div "
      "class=\"inner\"><ul class=\"topiclist topics\">\n";
  for (int topic = 1; topic <= topics; ++topic)
    body += fmt::format(
        "<li class=\"row bg2\"><dl class=\"row-item topic_read\"><dt><div class=\"list-inner\"><a "
        "href=\"./viewtopic.php?t={0}\" class=\"topictitle\">Game night {0}</a></div></dt><dd class=\"posts\">{1} "
        "<dfn>Replies</dfn></dd><dd class=\"lastpost\"><span><a href=\"./viewtopic.php?t={0}#p{0}040\" title=\"Go "
        "to last "
        "post\"></a><time datetime=\"2026-05-05T18:13:20+00:00\">x</time></span></dd></dl></li>\n",
        topic, 40 + topic % 3);
  return page("viewforum", body + "</ul></div></div>\n");
}

void write(const std::filesystem::path& file, const std::string& content) { std::ofstream(file) << content; }

sockaddr_in loopback(int host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(host));
  return address;
}

std::uint16_t free_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0, 0);
  socklen_t size = sizeof address;
  ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

}  // namespace

std::unique_ptr<LoopbackBoard> LoopbackBoard::serve(int hosts, int topics) {
  std::unique_ptr<LoopbackBoard> board(new LoopbackBoard(hosts, topics));
  std::string pattern = (std::filesystem::temp_directory_path() / "handlewatch-bench.XXXXXX").string();
  board->folder_ = ::mkdtemp(pattern.data());
  board->port_ = free_port();
  board->write_pages();
  board->write_configuration();
  if (board->start()) return board;
  fmt::print(stderr, "skipped: nginx is not here or does not start (Debian's nginx-light has it)\n");
  return nullptr;
}

LoopbackBoard::~LoopbackBoard() {
  if (process_ > 0) {
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
  }
  std::filesystem::remove_all(folder_);
}

std::string LoopbackBoard::forum(int host) const {
  return fmt::format("http://127.0.0.{}:{}/viewforum.php?f=1", host + 1, port_);
}

std::string LoopbackBoard::topic(int host, int number) const {
  return fmt::format("http://127.0.0.{}:{}/viewtopic.php?t={}", host + 1, port_, number);
}

std::vector<config::SourceSpec> LoopbackBoard::sources() const {
  std::vector<config::SourceSpec> out;
  for (int host = 0; host < hosts_; ++host) {
    config::SourceSpec source;
    source.name = fmt::format("host{}", host);
    source.kind = "phpbb";
    source.url = forum(host);
    source.platform = source.name;
    source.delay = Duration{0};
    source.max_pages = 1'000'000;
    out.push_back(source);
  }
  return out;
}

std::vector<std::string> LoopbackBoard::all_pages() const {
  std::vector<std::string> urls;
  for (int host = 0; host < hosts_; ++host) urls.push_back(forum(host));
  for (int number = 1; number <= topics_; ++number)
    for (int host = 0; host < hosts_; ++host) urls.push_back(topic(host, number));
  return urls;
}

void LoopbackBoard::write_pages() const {
  std::filesystem::create_directory(folder_ / "pages");
  write(folder_ / "pages" / "f1.html", forum_page(topics_));
  for (int topic = 1; topic <= topics_; ++topic)
    write(folder_ / "pages" / fmt::format("t{}.html", topic), topic_page(topic, topics_));
}

void LoopbackBoard::write_configuration() const {
  std::string listen;
  for (int host = 0; host < hosts_; ++host) listen += fmt::format("    listen 127.0.0.{}:{};\n", host + 1, port_);
  std::string temporary;
  for (const char* what : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    temporary += fmt::format("  {}_temp_path {}/temporary;\n", what, folder_.string());
  write(folder_ / "nginx.conf",
        fmt::format(
            "daemon off;\nmaster_process off;\nworker_processes 1;\npid {0}/nginx.pid;\nerror_log {0}/error.log;\n"
            "events {{ worker_connections 4096; }}\nhttp {{\n  access_log off;\n{1}  keepalive_requests 1000000;\n"
            "  default_type text/html;\n  server {{\n{2}    root {0}/pages;\n"
            "    location = /viewforum.php {{ try_files /f$arg_f.html =404; }}\n"
            "    location = /viewtopic.php {{ try_files /t$arg_t.html =404; }}\n  }}\n}}\n",
            folder_.string(), temporary, listen));
}

bool LoopbackBoard::start() {
  process_ = ::fork();
  if (process_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const std::string configuration = (folder_ / "nginx.conf").string();
    const std::string log = (folder_ / "error.log").string();
    ::execlp("nginx", "nginx", "-e", log.c_str(), "-c", configuration.c_str(), static_cast<char*>(nullptr));
    ::execl("/usr/sbin/nginx", "nginx", "-e", log.c_str(), "-c", configuration.c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  for (int attempt = 0; attempt < 100; ++attempt) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0) break;
    if (answers()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
  return false;
}

bool LoopbackBoard::answers() const {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(hosts_ - 1, port_);
  const bool connected = ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return connected;
}

}  // namespace hw::bench
