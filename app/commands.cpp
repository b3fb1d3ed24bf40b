#include "app/commands.h"

#include <array>

namespace hw::app {

std::span<const AddCommand> all_commands() {
  static constexpr std::array kCommands{
      add_demo,      add_init,    add_crawl,   add_daemon,   add_fetch,    add_parse,    add_classify,
      add_import,    add_hits,    add_handles, add_accounts, add_evidence, add_exports,  add_links,
      add_referrals, add_bans,    add_audit,   add_keys,     add_store,    add_backup,   add_restore,
      add_purge,     add_sources, add_rules,   add_doctor,   add_service,  add_frontier, add_completion,
  };
  return kCommands;
}

}  // namespace hw::app
