// Which kinds of source are read as a stream: one WebSocket for as long as it is wanted, instead of page after page. Of
// such a kind plan() says where to connect (https for wss), and a document is some messages, one a line.
#pragma once

#include <string_view>

namespace hw::parsers {

bool is_stream(std::string_view kind);

}  // namespace hw::parsers
