// Is a word that a rule found part of somebody's name: "Photos by Jonas Perv"?
//
// Rules see folded text, so that capitals are looked at here, in the original. In doubt it is no name: an advert may be
// written with capitals too. Two capitalised words make a name only where what stands around them says so: who is
// asked or thanked, a line that holds nothing else, or what somebody does ("Jonas Perv teaches").
#pragma once

#include "classifier/fields.h"
#include "classifier/rule_set.h"

namespace hw::classifier {

bool reads_as_name(const FoldedPost& post, const Firing& sign);

}  // namespace hw::classifier
