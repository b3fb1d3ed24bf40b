// The store's tables, as numbered migrations: the files of db/migrations/ in the order of their numbers, embedded.
//
// The number is the version that a store has after it (PRAGMA user_version). A file that reached main is never changed:
// add the next number. Two files with one number, or a gap, fail at configuring; whoever comes second renumbers. Each
// has rows in tests/fixtures/schema/ under the same name, so that upgrading is tested from every version with data.
#pragma once

#include <span>
#include <string_view>

namespace hw::db {

std::span<const std::string_view> migrations();

}  // namespace hw::db
