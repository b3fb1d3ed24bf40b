#include "classifier/judge.h"

namespace hw::classifier {
namespace {

using config::NameKind;

bool labelled(const Evidence& e) { return e.gap.assigned || e.gap.at_sign; }

// Nothing more follows, and it is no word that sentences are made of.
bool stands_out(const Evidence& e) { return e.clause_ends && !e.common_word; }

// Letters only: could be any word, so that the label or the invitation must be plain.
double judge_word(const Evidence& e) {
  if (e.common_word && !e.gap.at_sign && !(e.gap.assigned && e.clause_ends && (e.invited || e.hinted))) return 0;
  if (e.gap.new_line && !e.gap.assigned) return 0;
  if (e.gap.listed && !labelled(e)) return 0;
  const bool hinted = e.hinted && stands_out(e);
  switch (e.kind) {
    case NameKind::plain:
      if (labelled(e)) return e.clause_ends || e.gap.at_sign ? 0.85 : 0.6;
      if (e.gap.said) return e.invited || e.clause_ends ? 0.75 : 0;
      if ((e.gap.dashed && e.gap.blank) || e.gap.bracketed)
        return stands_out(e) && (e.begins_clause || hinted) ? 0.7 : 0;
      return e.clause_ends && (e.invited || hinted) ? 0.75 : 0;
    case NameKind::abbreviation:
      if (labelled(e)) return e.clause_ends ? 0.75 : 0;
      return e.clause_ends && (e.invited || hinted) ? 0.65 : 0;
    case NameKind::everyday:
      if (e.gap.at_sign && hinted) return 0.7;
      return labelled(e) && e.invited && e.clause_ends ? 0.6 : 0;
  }
  return 0;
}

double judge_phone(const Evidence& e) {
  if (e.kind == NameKind::plain) return e.country_code || labelled(e) || e.gap.said ? 0.97 : 0.9;
  if (e.country_code) return 0.93;
  return labelled(e) || e.invited || e.gap.said ? 0.85 : 0;
}

double judge_shaped(const Evidence& e) {
  switch (e.kind) {
    case NameKind::plain:
      if (labelled(e)) return 0.97;
      if (e.gap.said || e.invited) return 0.95;
      if (e.gap.listed || (e.gap.dashed && !e.gap.blank)) return 0.7;
      return e.gap.new_line && !e.begins_line ? 0.7 : 0.9;
    case NameKind::abbreviation:
      if (e.gap.quoted && !e.invited) return 0;
      if (labelled(e)) return 0.95;
      if (e.gap.said || e.invited || e.distinct) return 0.9;
      if (e.gap.new_line) return 0;
      if (e.gap.listed || (e.gap.dashed && !e.gap.blank)) return e.hinted && e.clause_ends ? 0.7 : 0;
      if (e.hinted || (e.begins_clause && e.clause_ends)) return 0.8;
      return e.clause_ends && e.long_name ? 0.7 : 0;
    case NameKind::everyday:
      if (e.of_something && !labelled(e)) return 0;
      if (e.distinct) return labelled(e) || e.invited || e.gap.said ? 0.95 : 0.8;
      if (e.gap.quoted || e.gap.new_line) return 0;
      if (e.gap.at_sign) return 0.85;
      if (e.invited) return labelled(e) || e.gap.said ? 0.9 : 0.75;
      return (e.gap.assigned || (e.hinted && (e.gap.dashed || e.gap.said || e.begins_clause))) && e.clause_ends &&
                     (e.begins_line || e.hinted || (e.capital && e.begins_clause))
                 ? 0.7
                 : 0;
  }
  return 0;
}

// "hwdemo.java": a handle only where a name, a label or an invitation says so plainly.
double judge_file(const Evidence& e) {
  const bool led = labelled(e) || e.gap.said || e.invited || e.gap.on;
  if (e.kind == NameKind::everyday || e.gap.quoted || e.gap.new_line) return 0;
  if (led) return 0.75;
  return (e.hinted || e.begins_clause) && !e.gap.listed ? 0.6 : 0;
}

}  // namespace

double judge_right(const Evidence& e) {
  if (e.gap.loose && !(e.look == Look::handle && (e.hinted || e.country_code))) return 0;
  const bool alone = e.look == Look::handle && e.clause_ends;
  if (e.gap.tagged && !(alone && e.hinted)) return 0;
  if (e.gap.stopped && !(alone && (e.hinted || (e.begins_clause && e.kind == NameKind::plain)))) return 0;
  if (e.look == Look::file) return judge_file(e);
  switch (e.look) {
    case Look::ordinary:
    case Look::file:
      return 0;
    case Look::evident:
      return 0.97;
    case Look::word:
      return judge_word(e);
    case Look::handle:
      break;
  }
  return e.type == HandleType::phone ? judge_phone(e) : judge_shaped(e);
}

double judge_left(const Evidence& e) {
  if (e.look == Look::ordinary) return 0;
  if (e.look == Look::evident) return 0.97;
  if (e.look == Look::file) return judge_file(e);
  const bool joined = e.gap.on || e.gap.bracketed;
  if (e.look == Look::word) {
    if (e.common_word || e.kind == NameKind::everyday || !joined) return 0;
    if (e.invited || e.gap.at_sign) return 0.8;
    return e.kind == NameKind::plain && e.gap.on_plainly && e.begins_clause && e.clause_ends ? 0.6 : 0;
  }
  if (e.kind == NameKind::everyday) {
    if (!joined) return 0;
    if (e.distinct) return 0.93;
    if (e.invited) return 0.85;
    const bool alone = e.gap.on_plainly && e.hinted && e.begins_clause && e.clause_ends;
    return alone || (e.gap.on && e.capital) ? 0.7 : 0;
  }
  if (e.gap.on) return 0.95;
  if (e.gap.bracketed) return 0.9;
  if (e.country_code && e.kind == NameKind::plain && e.hinted) return 0.85;
  return (e.begins_clause || e.hinted) && e.clause_ends ? 0.75 : 0;  // "blueowl22 kik"
}

}  // namespace hw::classifier
