// What goes wrong is said once when it begins and once when it is over, however often it is tried in between.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "common/time.h"

namespace hw::app {

enum class Tone { info, warning, error };
using Say = std::function<void(Tone, const std::string&)>;

class TroubleBook {
 public:
  explicit TroubleBook(Say say) : say_(std::move(say)) {}

  // Says `words` unless this trouble of `what` is open already. `kind` tells troubles of one thing apart where the
  // words hold what changes (free bytes, a time); empty: the words themselves.
  void begins(std::string_view what, Time now, const std::string& words, std::string_view kind = "");
  // Says `words` and how long it lasted, if there was trouble. True if there was.
  bool ends(std::string_view what, Time now, std::string_view words);
  bool is_open(std::string_view what) const { return open_.find(what) != open_.end(); }
  std::size_t count() const { return open_.size(); }

 private:
  struct Trouble {
    Time since;
    std::string kind;
  };
  Say say_;
  std::map<std::string, Trouble, std::less<>> open_;
};

}  // namespace hw::app
