/* Softmax attention over the past for C, and for any language that calls C: no torch, no C++ in sight.
 * C++ uses kernel.h. Definitions: math.md. Link yore::mixer_kernels (CMake: find_package(yore COMPONENTS
 * kernels), also in a project of C alone) or what pkg-config says of yore-kernels.
 *
 * Lookback and window. A head with lookback K sees the K positions before its own, and itself unless strict.
 * What is deployed as a "sliding window of W keys including self" is lookback W - 1 with strict = 0.
 *
 * Errors. Every function that can fail returns YORE_OK or the code of an error, and then yore_last_error()
 * says which function refused, what it expected and what came. Nothing is written before all has been
 * checked. Functions may run at the same time in different threads.
 *
 * NaN. A key or value that a query does not see never reaches that query's output or gradients.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What functions return. */
typedef enum yore_status {
  YORE_OK = 0,
  YORE_INVALID = 1,       /**< the caller's arguments do not fit together */
  YORE_OUT_OF_MEMORY = 2, /**< working memory, O(threads x window x dim), was refused */
  YORE_FAILED = 3         /**< anything else */
} yore_status;

/** Numbers as they lie in memory. */
typedef enum yore_type {
  YORE_F32 = 0,
  YORE_F64 = 1,
  YORE_BF16 = 2, /**< the upper half of an F32; keys and values only, but for calls named bf16 */
  YORE_F16 = 3   /**< IEEE half; keys and values only */
} yore_type;

/** An array [batch, time, head, dim]. Strides count elements; the last dimension is contiguous. All three
 * strides 0: the array is contiguous in that order. Strides are at least 0; what is written must not overlap
 * itself or what is read. In packed calls `batch` is not used. */
typedef struct yore_input {
  const void* data;
  int64_t batch, time, head;
} yore_input;
typedef struct yore_output {
  void* data;
  int64_t batch, time, head;
} yore_output;

/** One call of attention. Members that do not concern you may stay 0: begin with
 *     yore_attention a = {.size = sizeof a, .type = YORE_F32, ...};
 * Dense: `batch` sequences of `queries` and `keys` rows each. Packed (both starts given): sequence b owns
 * query rows query_starts[b] .. query_starts[b + 1] - 1 and key rows key_starts[b] .. key_starts[b + 1] - 1
 * of one long time axis with `queries` and `keys` rows in all. Query i of a sequence of T_q queries and T_k
 * keys stands at position i + T_k - T_q among the keys (aligned at the end). */
typedef struct yore_attention {
  size_t size;     /**< sizeof(yore_attention), so that a later library knows what you have */
  int32_t type;    /**< of q, out, lse, sink logits and all gradients: YORE_F32 or YORE_F64. For calls named
                        bf16: YORE_BF16, of q alone */
  int32_t kv_type; /**< of k and v: `type`, or YORE_BF16 or YORE_F16 where that is YORE_F32 */
  int64_t batch, queries, keys;
  const int64_t* query_starts; /**< [batch + 1]: from 0, never falling, to `queries`; or null */
  const int64_t* key_starts;   /**< [batch + 1]: from 0, never falling, to `keys`; or null */
  int32_t heads;               /**< of q and out, at least 1 */
  int32_t kv_heads;            /**< of k and v; divides heads. Head h reads kv head h / (heads / kv_heads) */
  int32_t dim;                 /**< of q and k, 1 .. 256 */
  int32_t value_dim;           /**< of v and out, 1 .. 256 */
  yore_input q;                /**< [batch, queries, heads, dim] */
  yore_input k;                /**< [batch, keys, kv_heads, dim] */
  yore_input v;                /**< [batch, keys, kv_heads, value_dim] */
  const int32_t* lookback;     /**< [heads]: -1 = the whole past, or at least 0; null = all -1 */
  int32_t strict;              /**< 1: a position does not see itself; 0: it does */
  int32_t sinks;               /**< the first so many keys stay visible beyond the lookback; at least 0 */
  double scale;                /**< factor on q.k; 0 = 1 / sqrt(dim) */
  const double* alibi_slopes;  /**< [heads]: lowers the score of (i, j) by slope (i - j); null = none */
  const void* sink_logits;     /**< [heads] of `type`: adds exp(logit) to denominators; null = none */
  int32_t threads;             /**< 0 = OpenMP's default. Results do not depend on it */
  double soft_cap; /**< c: scores s become c tanh(s / c) before ALiBi; 0 = none, else 1e-30 to 1e30 */
} yore_attention;

/** Where gradients go; every element is written, not added to. Type: yore_attention::type, also for narrower
 * keys and values. */
typedef struct yore_attention_gradients {
  size_t size;       /**< sizeof(yore_attention_gradients) */
  yore_output q;     /**< [batch, queries, heads, dim] */
  yore_output k;     /**< [batch, keys, kv_heads, dim] */
  yore_output v;     /**< [batch, keys, kv_heads, value_dim] */
  void* sink_logits; /**< [heads]; null = not wanted */
} yore_attention_gradients;

/** Writes out [batch, queries, heads, value_dim]: for each query and head the average of the visible values,
 * weighted by the softmax of scale q.k (softly capped, lowered by ALiBi); 0 where nothing is visible. Unless
 * null, also lse, [batch, queries, heads] contiguous: the natural logarithm of each row's sum of exponentials
 * (sink included), minus infinity where nothing is visible. Time and memory are O(queries x window). Returns
 * a yore_status. */
int yore_attention_forward(const yore_attention* attention, yore_output out, void* lse);

/** Gradients of sum(out * grad_out) in q, k, v and the sink logits, from what the forward call wrote to `out`
 * and `lse`. grad_out is shaped as out. Returns a yore_status. */
int yore_attention_backward(const yore_attention* attention, yore_input out, const void* lse,
                            yore_input grad_out, const yore_attention_gradients* gradients);

/** 1 where yore_attention_forward_bf16 works: on processors with AVX-512-BF16. Else 0. */
int yore_has_bf16_products(void);

/** As yore_attention_forward, for q, k and v that all lie in bfloat16 (`type` and `kv_type` YORE_BF16), and
 * with its products made in bfloat16 by the processor's own unit for that. Softmax and sums are float;
 * weights are rounded to bfloat16 where they meet the values, which moves an output by at most 2^-8 of the
 * weighted average of |v|. out is of `out_type`, YORE_F32 or YORE_BF16; sink_logits and lse are float.
 * Gradients are those of yore_attention_backward with q widened to YORE_F32 and k and v as YORE_BF16, from
 * this lse. YORE_INVALID where yore_has_bf16_products() is 0: nothing else is computed in its place. */
int yore_attention_forward_bf16(const yore_attention* attention, yore_output out, int32_t out_type,
                                float* lse);

/** What the last failing call of this thread refused: function, what was expected, what came. "" before the
 * first. Valid until the next failing call of this thread. */
const char* yore_last_error(void);

/** Name of the SIMD target that calls run on this processor, "AVX2" for one. Valid until this thread's next
 * call of it. */
const char* yore_simd_target(void);

/* Step by step, this and every other mechanism: yore/mixers/c_state.h. */

#ifdef __cplusplus
}
#endif
