// Random names that say nothing of what they name.
#pragma once

#include <string>

namespace hw {

// RFC 9562 §5.4, version 4: "f81d4fae-7dec-4d0b-a765-00a0c91e6bf6".
std::string random_uuid();

}  // namespace hw
