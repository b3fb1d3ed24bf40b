// Whether two texts say nearly the same: a SimHash of 64 bits over runs of four letters (Charikar 2002).
//
// Texts that differ by little differ in few bits; the same text without regard to case, punctuation, digits and spaces
// in none. Texts that have nothing in common differ in about 32. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hw::classifier {

// `folded` as Folder makes it, without handles. nullopt: too short to tell anything.
std::optional<std::uint64_t> likeness(std::string_view folded);

}  // namespace hw::classifier
