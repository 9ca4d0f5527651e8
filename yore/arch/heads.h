// Heads of attention that can be given up: which ones a budget keeps, and a model without the others.
//
//   budget b   the share of all heads that may stay: k = round(b N) of the N heads of all attention layers
//   kept       the k heads of the highest scores over all layers together, of each layer its best one at
//   least masked     the model whose other heads hand on nothing: their columns of the output map are 0
//   sliced     the smaller model that computes the same: queries, keys, values and columns of the others are
//   gone
//
// Published: Budgeted Attention Allocation, arXiv 2605.05697 (hard mode); definitions: yore/budget/math.md.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "yore/arch/model_file.h"

namespace yore::arch {

/// A number for each head of each block; none for a block without attention.
using PerHead = std::vector<std::vector<double>>;
/// The heads of each block that stay, ascending; none for a block without attention.
using KeptHeads = std::vector<std::vector<int>>;

/// Heads of queries of each block; 0 where its mixer is another than attention.
std::vector<int> attention_heads(const Model& model);
/// The same, if there is something to give up. Throws InputError(`source`) for a model without attention,
/// naming its mixers, and for one whose attention layers have one head each.
std::vector<int> several_heads(const Model& model, const std::string& source);

/// Throws InputError(`option`) unless 0 < budget <= 1 and the budget is at least one head a layer, of so many
/// heads each (0: a block without attention).
void require_budget(const std::vector<int>& heads, double budget, const std::string& option);

/// The heads that the budget keeps, by their scores. Of equal scores the earlier layer's, and in it the
/// earlier head, counts as the better. Throws as require_budget for "--budget".
KeptHeads choose_heads(const PerHead& scores, double budget);

/// Throws InputError(`source`) unless these are heads of the model, ascending, of each attention layer one at
/// least.
void check_kept(const Model& model, const KeptHeads& kept, const std::string& source);

/// Multiplies what each head hands on by its factor: the columns of layers.L.attention.out.weight. A gate of
/// that value computes the same.
void scale_heads(ModelFile& file, const PerHead& factors);
/// 1 for the heads that stay, 0 for the others.
PerHead mask_of(const Model& model, const KeptHeads& kept);

/// The model without the other heads. Several heads of queries may read one head of keys and values, equally
/// many each: a head of keys goes when none of its readers is left, and where the readers that are left are
/// unequally many, heads of keys are repeated until they are equally many again. Throws InputError(`source`)
/// as check_kept, and for ALiBi, whose slopes follow from the number of heads.
ModelFile slice_heads(const ModelFile& file, const KeptHeads& kept, const std::string& source);

}  // namespace yore::arch
