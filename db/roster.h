// A roster: who is enrolled, as a text that one machine hands to another.
//
//   handlewatch roster 1
//   person alice reviewer,auditor 5f…c1 9a…07      name, roles, key that signs, key that is sealed to
//   host host collector 77…d0 31…aa                the machine that wrote it: whose bundles are to be taken
//   token 4e…                                      only for a collector that is to be made; a secret
//
// Nothing in it is secret but the token line. What it says is as true as the way by which it came.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/person.h"

namespace hw::db {

struct Roster {
  std::vector<PublicPerson> people;
  std::vector<PublicPerson> hosts;
  std::string token_key;  // 32 bytes, or empty
};

std::string write_roster(const Roster& roster);
Result<Roster> read_roster(std::string_view text);

}  // namespace hw::db
