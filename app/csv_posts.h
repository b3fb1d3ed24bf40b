// Posts from a CSV file, as a platform's own team exports them: which column is which is said by a mapping.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "app/post_stream.h"
#include "common/error.h"
#include "common/post.h"

namespace hw::app {

struct CsvMapping {
  // Field of a post → name of its column, where the two differ. `id` and `text` must be found one way or the other.
  std::map<std::string, std::string> columns;
  std::string charset;  // empty: told by the file's beginning
};

// "id=post_id" as the command line says it. Fails (usage) on a field that no post has.
Status add_column(CsvMapping& mapping, std::string_view assignment);
// A YAML file: `columns: {id: post_id, text: body}`, `charset: windows-1252`.
Result<CsvMapping> load_mapping(const std::string& path);

struct CsvTally {
  std::size_t columns = 0;
  std::size_t unused_columns = 0;
  std::size_t unread_times = 0;  // posts whose time is in no form that is known; they are taken without it
};

// The first record names the columns; names are compared without case and surrounding spaces. Several tags or quotes
// stand in one cell with line breaks, commas or semicolons between them. A record that is no post goes to `on_bad` with
// its line.
Result<CsvTally> read_csv_posts(Input& input, const CsvMapping& mapping, const std::string& platform,
                                const std::function<Status(Post)>& on_post,
                                const std::function<Status(const BadLine&)>& on_bad);

}  // namespace hw::app
