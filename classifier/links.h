// Handles in addresses: "https://t.me/x", "hxxps://t[.]me/x", "tg://resolve?domain=x".
//
// Nothing is ever opened or resolved; an address is only read.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "classifier/candidate.h"
#include "config/messengers.h"

namespace hw::classifier {

struct LinkFound {
  std::size_t messenger = 0;  // index in Messengers::all
  Candidate candidate;        // from and to cover the handle alone
  std::size_t begin = 0;      // where the address itself begins
};

class LinkReader {
 public:
  // `grammars` in the order of messengers.all; borrowed.
  static Result<LinkReader> create(const config::Messengers& messengers, const std::vector<Grammar>& grammars);
  LinkReader(LinkReader&&) noexcept;
  ~LinkReader();

  std::vector<LinkFound> find(std::string_view original) const;

 private:
  struct Impl;
  explicit LinkReader(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace hw::classifier
