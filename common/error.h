// What can go wrong, and how it is said.
//
// A function that can fail returns Result<T>. The message is one line for a person: what was wrong, where, and the
// mend; it never holds a handle, an account, a post's address or text (those are secrets). Each layer adds what it was
// doing with within(). Bad data from outside is not an Error: it is counted and skipped.
#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace hw {

enum class ErrorCode {
  usage,          // the command line asks for something impossible
  configuration,  // a file that the operator edits is wrong
  not_found,      // what was named does not exist
  io,             // the disk or a file refused
  disk_full,      // no space left
  denied,         // permissions
  busy,           // another process holds the store
  from_future,    // written by a newer version
  network,        // no answer, a broken answer, a timeout
  refused,        // our own rules forbid it: robots, address guard, content type, policy
  malformed,      // data that was promised to be well-formed is not
  tampered,       // a seal or a digest does not match
  no_key,         // the key needed for this is not here, or the passphrase is wrong
  cancelled,      // told to stop
};

struct Error {
  ErrorCode code;
  std::string message;
};

template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using tl::expected<T, Error>::expected;
  // Converts from what tl::expected's own members (map, and_then) return.
  Result(tl::expected<T, Error> other) : tl::expected<T, Error>(std::move(other)) {}
};

using Status = Result<void>;

// return fail(ErrorCode::io, "…");
tl::unexpected<Error> fail(ErrorCode code, std::string message);

// The same error with what the caller was doing in front: "reading keys/review.pub: permission denied".
tl::unexpected<Error> within(std::string_view doing, const Error& error);

}  // namespace hw
