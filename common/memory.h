// How the process keeps its memory.
#pragma once

namespace hw {

// What is freed is kept for the next page, some megabytes of it, instead of being given back to the system and asked
// for again: documents are freed on another thread than the one that fetches them. Call it once, before any thread.
void keep_freed_memory();

}  // namespace hw
