// The posts in a web archive: each text capture through the adapter that knows it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "app/post_stream.h"
#include "common/error.h"
#include "common/post.h"

namespace hw::app {

struct ArchiveOptions {
  std::string kind = "auto";  // an adapter's name, or auto
  std::string platform;       // of all its posts; empty: the host of each page
};

// What became of an archive's captures, by what it is in words ("not text", "no adapter knows them" …).
using Tally = std::map<std::string, std::size_t>;

// Calls `on_post` for each post, which may fail and ends the reading; `on_bad` for each record that is damaged, with
// its place; `on_page` after each capture, for progress. A stream that breaks off for good is an io error.
Status read_archive(Input& input, const ArchiveOptions& options, const std::function<Status(Post)>& on_post,
                    const std::function<void(std::uint64_t offset)>& on_bad, const std::function<void()>& on_page,
                    Tally& tally);

}  // namespace hw::app
