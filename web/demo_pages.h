// How the pages of the demo's board look. Pure functions of the board and the place asked for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "web/demo_board.h"

namespace hw::web {

inline constexpr std::size_t kTopicsPerPage = 4;
inline constexpr std::size_t kPostsPerPage = 5;

// `sid` is put on every link; empty: on none. `start` is the first topic or post shown.
std::string index_page(const DemoBoard& board, std::string_view sid);
std::string forum_page(const DemoBoard& board, std::size_t forum, std::size_t start, std::string_view sid);
std::string topic_page(const DemoBoard& board, std::size_t topic, std::size_t start, std::string_view sid);
std::string message_page(std::string_view message, std::string_view sid);

}  // namespace hw::web
