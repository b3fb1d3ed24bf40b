#include "common/error.h"

namespace hw {

tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

tl::unexpected<Error> within(std::string_view doing, const Error& error) {
  return fail(error.code, std::string(doing) + ": " + error.message);
}

}  // namespace hw
