#include "common/memory.h"

#include <malloc.h>

namespace hw {

void keep_freed_memory() {
  constexpr int kMegabyte = 1 << 20;
  mallopt(M_TRIM_THRESHOLD, 16 * kMegabyte);
  mallopt(M_MMAP_THRESHOLD, kMegabyte);
  mallopt(M_TOP_PAD, kMegabyte);
}

}  // namespace hw
