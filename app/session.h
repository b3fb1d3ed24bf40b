// What every command shares: where things lie, how to reach them, where to write, and how a run ends.
//
// One Session per process. Opening is lazy: a command opens only what it needs, and every failure says what to do.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "classifier/classifier.h"
#include "common/error.h"
#include "common/time.h"
#include "config/settings.h"
#include "db/keys.h"
#include "db/store.h"

namespace CLI {
class App;
}

namespace hw::app {

enum ExitStatus : int {
  kDone = 0,
  kSomethingFailed = 1,  // the rest was still done
  kWrongUse = 2,         // the command line or the configuration is wrong
};

struct Session {
  std::filesystem::path data;         // --data, $HANDLEWATCH_DATA, $STATE_DIRECTORY or the user's data folder
  std::filesystem::path config_file;  // --config, else handlewatch.yaml in the data folder
  std::string log_level = "info";
  std::string log_format = "auto";
  std::string person;  // --as or $HANDLEWATCH_PERSON: whose key signs; empty: the only one that is here
  std::unique_ptr<Clock> clock = std::make_unique<SystemClock>();
  std::ostream* out = nullptr;  // results; borrowed
  std::ostream* err = nullptr;  // messages, progress; borrowed
  // What the chosen command does; set by the command's callback, run by main. The int is an ExitStatus.
  std::function<Result<int>()> action;

  // Settings of config_file; where no file was named and none is there, the defaults (no sources).
  Result<config::Settings> settings() const;
  // Files or built-in names; the press terms where there is none.
  Result<std::vector<config::RulePack>> rule_packs(const std::vector<std::string>& files) const;
  // From the configured rule packs and messengers, or the embedded ones.
  Result<classifier::Classifier> classifier(const config::Settings& settings) const;
  // The same with other packs.
  Result<classifier::Classifier> classifier(const config::Settings& settings,
                                            const std::vector<config::RulePack>& packs) const;

  // The sealed store in the data folder, under the configured policy; a configuration that changed since is noted in
  // the audit log.
  Result<std::unique_ptr<db::Store>> store(const config::Settings& settings) const;
  // Asks for a private key's passphrase: the first line of the descriptor $HANDLEWATCH_PASSPHRASE_FD or the file (0600)
  // $HANDLEWATCH_PASSPHRASE_FILE where one is set, else on the terminal without echo. A descriptor is read once, and
  // what it said serves the whole run.
  db::AskPassphrase ask_passphrase();
  // Asks on a terminal twice; at least 12 characters.
  db::AskPassphrase ask_new_passphrase();

  std::filesystem::path frontier_file() const { return data / "frontier.db"; }

 private:
  std::string from_descriptor_;
};

// Prints the error as one line, `handlewatch: …`, and says how the process ends.
int report(std::ostream& err, const Error& error);

// An error of one item that does not stop the run: `handlewatch: …` on the session's err.
void complain(Session& session, const std::string& message);

}  // namespace hw::app
