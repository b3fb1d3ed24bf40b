// Handles that several labels have in common: "snap+kik: same x", "wickr x, same on kik", "x: kik, wickr, tele".
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "classifier/label_reader.h"

namespace hw::classifier {

// What was read for each label, in the order of the text.
using Readings = std::vector<std::optional<Handle>>;

// A label without a handle of its own has that of the next one, where nothing but a joining word stands between them.
void share_forward(const LabelReader& reader, const FoldedPost& post, std::span<const Label> labels, Readings& read);
// A label that is still without one has that of the one before it: in a list, or where the text says "same on".
void share_back(const LabelReader& reader, std::span<const Label> labels, Readings& read);

// "Telegram / Signal: x / y": each its own, in their order.
void pair_up(const LabelReader& reader, std::span<const Label> labels, Readings& read);

}  // namespace hw::classifier
