#include "classifier/plain_block.h"

#include <algorithm>
#include <array>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace hw::classifier {
namespace {

constexpr std::size_t kWindow = 64;  // bytes, a bit each
constexpr std::size_t kStep = 56;    // of which a disguise may begin here: none that is looked for is longer than 9

// What the bytes of a window are, the first one in the lowest bit.
struct Masks {
  std::uint64_t letter = 0, digit = 0, sign = 0, bang = 0, quote = 0, wide = 0;
  std::uint64_t as_next = 0;  // the same as the next byte, whatever its case
};

#if defined(__SSE2__)

std::uint64_t bits(__m128i bytes) {
  return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(bytes)));
}

__m128i within(__m128i bytes, char first, char count) {
  const __m128i offset = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
  return _mm_cmpeq_epi8(_mm_min_epu8(offset, _mm_set1_epi8(static_cast<char>(count - 1))), offset);
}

__m128i are(__m128i bytes, char value) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(value)); }

// `bytes` are one more than a window has.
Masks masks_of(const char* bytes) {
  Masks out;
  for (unsigned at = 0; at < kWindow; at += 16) {
    const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at));
    const __m128i next = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + at + 1));
    const __m128i other = _mm_and_si128(_mm_xor_si128(here, next), _mm_set1_epi8(static_cast<char>(0xDF)));
    out.letter |= bits(within(_mm_or_si128(here, _mm_set1_epi8(0x20)), 'a', 26)) << at;
    out.digit |= bits(within(here, '0', 10)) << at;
    out.sign |= bits(_mm_or_si128(are(here, '@'), are(here, '$'))) << at;
    out.bang |= bits(are(here, '!')) << at;
    out.quote |= bits(are(here, '\'')) << at;
    out.wide |= bits(here) << at;
    out.as_next |= bits(are(other, 0)) << at;
  }
  return out;
}

#else

Masks masks_of(const char* bytes) {
  Masks out;
  for (unsigned at = 0; at < kWindow; ++at) {
    const auto c = static_cast<unsigned char>(bytes[at]);
    const auto next = static_cast<unsigned char>(bytes[at + 1]);
    const auto note = [at](std::uint64_t& mask, bool holds) { mask |= std::uint64_t{holds} << at; };
    note(out.letter, static_cast<unsigned char>((c | 0x20) - 'a') < 26);
    note(out.digit, static_cast<unsigned char>(c - '0') < 10);
    note(out.sign, c == '@' || c == '$');
    note(out.bang, c == '!');
    note(out.quote, c == '\'');
    note(out.wide, c >= 0x80);
    note(out.as_next, ((c ^ next) & 0xDF) == 0);
  }
  return out;
}

#endif

// A letter beside a digit or a sign that stands for one; three of the same.
std::uint64_t disguised(const Masks& m) {
  const std::uint64_t stands_in = m.digit | m.sign;
  const std::uint64_t beside = (m.letter & (stands_in >> 1)) | ((m.letter >> 1) & stands_in);
  const std::uint64_t called = m.letter & (m.bang >> 1) & (m.letter >> 2);
  return beside | called | (m.letter & m.as_next & (m.as_next >> 1));
}

// Three letters or digits that stand alone, at most three signs apart. What is not ASCII may go on so.
std::uint64_t spelled_out(const Masks& m, std::uint64_t in_word, bool in_word_before) {
  const std::uint64_t around = in_word << 1 | in_word >> 1 | std::uint64_t{in_word_before};
  const std::uint64_t single = (in_word & ~around) | m.wide;
  const std::uint64_t next = single >> 2 | single >> 3 | single >> 4;
  const std::uint64_t third = single >> 4 | single >> 5 | single >> 6 | single >> 7 | single >> 8;
  return single & next & third;
}

}  // namespace

bool is_plain(std::string_view text, std::size_t from, std::size_t to) {
  bool in_word_before = false;
  for (std::size_t at = from; at < to; at += kStep) {
    std::array<char, kWindow + 1> last{};
    const bool whole = text.size() - at >= last.size();
    if (!whole) std::copy(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), last.begin());
    const Masks m = masks_of(whole ? text.data() + at : last.data());
    const std::uint64_t here = to - at >= kWindow ? ~std::uint64_t{0} : (std::uint64_t{1} << (to - at)) - 1;
    const std::uint64_t begins = here & ((std::uint64_t{1} << kStep) - 1);
    const std::uint64_t in_word = m.letter | m.digit | m.quote;
    if ((m.wide & here) != 0) return false;
    if ((begins & (disguised(m) | spelled_out(m, in_word, in_word_before))) != 0) return false;
    in_word_before = (in_word >> (kStep - 1) & 1) != 0;
  }
  return true;
}

}  // namespace hw::classifier
