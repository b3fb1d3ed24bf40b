// Every command, in the order of the help text. Each adds itself to the command line and, when chosen, sets
// session.action.
#pragma once

#include <span>

namespace CLI {
class App;
}

namespace hw::app {

struct Session;
using AddCommand = void (*)(CLI::App&, Session&);

std::span<const AddCommand> all_commands();

void add_demo(CLI::App& root, Session& session);
void add_init(CLI::App& root, Session& session);
void add_crawl(CLI::App& root, Session& session);
void add_daemon(CLI::App& root, Session& session);
void add_fetch(CLI::App& root, Session& session);
void add_parse(CLI::App& root, Session& session);
void add_classify(CLI::App& root, Session& session);
void add_import(CLI::App& root, Session& session);
void add_hits(CLI::App& root, Session& session);
void add_handles(CLI::App& root, Session& session);
void add_accounts(CLI::App& root, Session& session);
void add_evidence(CLI::App& root, Session& session);
void add_exports(CLI::App& root, Session& session);
void add_links(CLI::App& root, Session& session);
void add_referrals(CLI::App& root, Session& session);
void add_bans(CLI::App& root, Session& session);
void add_audit(CLI::App& root, Session& session);
void add_keys(CLI::App& root, Session& session);
void add_store(CLI::App& root, Session& session);
void add_backup(CLI::App& root, Session& session);
void add_restore(CLI::App& root, Session& session);
void add_purge(CLI::App& root, Session& session);
void add_sources(CLI::App& root, Session& session);
void add_rules(CLI::App& root, Session& session);
void add_doctor(CLI::App& root, Session& session);
void add_service(CLI::App& root, Session& session);
void add_frontier(CLI::App& root, Session& session);
void add_completion(CLI::App& root, Session& session);

}  // namespace hw::app
