#include "yore/budget/adapt.h"

#include "yore/base/test_refusal.h"
#include "yore/budget/test_subjects.h"
#include "yore/training/loss.h"

namespace yore::budget {
namespace {

/// The task's loss of a hardened model on sequences that adaptation does not draw.
double loss_of(const Subject& subject, const Hardened& hardened) {
  const tasks::Batch batch = task_of(subject, "test")->validation().batch;
  const model::Model model = model::from_file(hardened.file, "x").model;
  return training::mean_loss(model, batch, 0, batch.sequences()).item<double>();
}

TEST(Adapt, TheKeptHeadsLearnToDoWithoutTheOthers) {
  for (const Rank by : {Rank::Gate, Rank::Random}) {
    const Subject subject = some_subject("attention:heads=4,head_width=3", 2, by == Rank::Gate);
    RankOptions rank;
    rank.by = by;
    rank.budget = 0.5;
    AdaptOptions adapt;
    adapt.steps = 60;
    adapt.learning_rate = 3e-3;
    const Hardened before = harden(subject, rank, {}), after = harden(subject, rank, adapt);
    EXPECT_LT(loss_of(subject, after), loss_of(subject, before));
    EXPECT_EQ(harden(subject, rank, adapt).file.weights, after.file.weights);  // the same again
    if (by == Rank::Random) {
      EXPECT_EQ(after.kept, before.kept);
    }
    EXPECT_EQ(after.kept[0].size() + after.kept[1].size(), 4u);
  }
}

// The last update, too, may leave no model.
TEST(Adapt, RefusesWhatIsNotFinite) {
  const Subject subject = some_subject("attention:heads=4,head_width=3");
  RankOptions rank;
  rank.by = Rank::Norm;
  rank.budget = 0.5;
  AdaptOptions adapt;
  adapt.steps = 1;
  adapt.learning_rate = 1e38;
  EXPECT_TRUE(base::refused([&] { harden(subject, rank, adapt); }, "--adapt: after 1 steps the loss is"));
}

TEST(Adapt, RefusesAModelWithoutATask) {
  Subject subject = some_subject("attention:heads=4,head_width=3");
  subject.file.task = base::Json::object();
  RankOptions rank;
  rank.by = Rank::Norm;
  rank.budget = 0.5;
  AdaptOptions adapt;
  adapt.steps = 1;
  EXPECT_TRUE(base::refused([&] { harden(subject, rank, adapt); }, "is of no task"));
}

}  // namespace
}  // namespace yore::budget
