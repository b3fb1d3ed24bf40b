// handlewatch.yaml as plain structs: who operates, what may be reached, which sources, how long things are kept.
//
// Loading checks everything that can be checked without the network and tells every mistake at once, with line, column
// and the mend. Relative paths are taken from the folder of the file.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/time.h"
#include "config/schedule.h"

namespace hw::config {

struct Operator {
  std::string organisation;
  std::string contact;
  std::string legal_basis;
  std::string controller;
  std::string assessment;

  // Names what is missing or a placeholder ("organisation", "contact is a placeholder" …); empty when complete. A
  // source beyond loopback is crawled only when it is.
  std::vector<std::string> shortcomings() const;
};

struct SourceSpec {
  std::string name;  // unique; letters, digits, '-', '_', '.'
  std::string kind;  // an adapter's name, or "auto"
  std::string url;
  std::string platform;                      // what posts carry as platform; the url's host (with port) unless set
  Duration every{std::chrono::minutes(30)};  // unless the timetable has a cron expression
  Timetable timetable = {};                  // cron, hours, zone
  Duration delay{std::chrono::seconds(5)};   // between two requests to the host
  int max_pages = 200;                       // per run
  // The environment variables that hold what its API asks for, by the names that the kind gives them: "client_id". The
  // secrets themselves never stand in the file.
  std::map<std::string, std::string, std::less<>> credentials = {};
  std::string proxy = {};  // "socks5h://127.0.0.1:9050", as ProxyAddress::text() has it; empty: none
  std::map<std::string, std::string, std::less<>> proxy_credentials = {};  // the variables of "user" and "password"
};

// How much one crawl takes: of a host, and of this machine's memory.
struct CrawlLimits {
  int hosts_at_once = 16;         // asked at the same time; one connection each
  int requests_per_host = 20000;  // a day, over all its sources; 0: no limit
  int page_mb = 16;               // a larger page is not read
  int waiting_mb = 64;            // of pages that are read or wait for it
  int known_mb = 16;              // of addresses that need not be looked up
};

struct Retention {
  Duration unreviewed{std::chrono::days(30)};
  Duration rejected{std::chrono::days(14)};
  Duration confirmed{std::chrono::days(90)};
  Duration bans{std::chrono::days(180)};
};

struct Review {
  int confirmations = 2;    // distinct reviewers that must confirm a handle before it is exported; 1 is a choice
  bool one_person = false;  // whoever judges hits may also export them: a choice, written to the audit log
};

// How somebody is told: by a program, which is started without a shell, by a signed request, or both.
struct Alarm {
  std::vector<std::string> run;  // the program (absolute) and its arguments; the words of the alarm follow them
  Duration within{std::chrono::seconds(30)};  // then the program is ended
  std::string webhook;                        // an address that takes a POST
  std::string secret;                         // name of the systemd credential or environment variable that signs it
  bool empty() const { return run.empty() && webhook.empty(); }
};

struct Alerts {
  Alarm operators;       // a source breaks or recovers, a review waits too long
  Alarm safeguarding;    // something waits there; not what, and not how many
  int broken_after = 3;  // runs of a source in a row that ended in trouble
  Duration review_waits{std::chrono::days(7)};
};

struct Audit {
  std::string stamp;  // run by the shell on each hourly checkpoint of the audit log; empty: none is kept
};

struct Evidence {
  bool full_capture = false;  // keep the whole page of a hit, text alone, beside the hit's own post
};

struct Settings {
  std::string folder;  // where the file lies; relative paths start here
  Operator operated_by;
  std::vector<std::string> network_allow;  // CIDR ranges that are not globally routable and yet may be reached
  CrawlLimits crawl;
  std::vector<SourceSpec> sources;
  std::vector<std::string> rule_files;       // resolved, or names of built-in packs; empty: the press terms
  std::vector<std::string> messenger_files;  // resolved; empty: the embedded messengers.yaml
  Retention retention;
  Review review;
  Audit audit;
  Alerts alerts;
  int metrics_port = 0;  // on loopback; 0: none
  Evidence evidence;
};

// The names of this machine: "localhost", "127.0.0.1", "[::1]", as parse_url() writes a host.
bool is_loopback(std::string_view host);

// `known_kinds` are the adapters' names: a source of another kind is a mistake.
Result<Settings> parse_settings(std::string_view text, std::string_view file,
                                const std::vector<std::string_view>& known_kinds);
Result<Settings> load_settings(const std::string& path, const std::vector<std::string_view>& known_kinds);

}  // namespace hw::config
