// The table of verdicts beside the log: a verdict counts because somebody signed it, not because a row says so.
//
// Takes the log's entries in their order and keeps, of each row of the table, whether the last entry that wrote it says
// the same. Memory grows with the table, not with the log. Internal to db/.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "db/work.h"

namespace hw::db {

class ReviewsBesideLog {
 public:
  explicit ReviewsBesideLog(Work& work);

  // `record` is an entry whose signature holds.
  void take(std::string_view record);
  // A line for each row that the log does not back.
  std::vector<std::string> problems() const;

 private:
  struct Said {
    std::string verdict;
    std::string sign;
    bool backed = false;
  };
  using Row = std::tuple<std::int64_t, std::string, std::int64_t>;  // hit, reviewer, handle

  std::map<Row, Said> rows_;
};

}  // namespace hw::db
