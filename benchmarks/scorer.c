/* The scorer's own scheme in C, for comparison: which pairs of a two-sided market improve on thresholds, counted.
 *
 * The same tables, tiles, bounds, limits and exact step as ygs.adapters.scoring; written as one would in C, with the
 * compiler's own saturating vectors. No lists are kept and nobody has met: it does less than what it is compared with.
 */
#include <math.h>
#include <stdint.h>
#if defined(__AVX512BW__) || defined(__AVX2__)
#include <immintrin.h>
#endif

enum { LANES = 256, UNITS = 3, FULL = 10000, WEAKEST = -32768, STRONGEST = 32767 };

typedef struct {
    const int32_t *place, *weight, *base, *exact, *fact_rows, *set_row, *wish, *shared, *shared_unknown, *bound_rows;
    const int64_t *own, *accepts, *thresholds;
    const uint8_t *must;
    const int16_t *bound;
    const uint8_t *refused;
    const double *parts;
    int64_t height, facts, sets, bound_height, groups, guard, unknown_fit, strict, floor, refusal;
} Market;

typedef struct {
    int16_t sums[LANES * LANES], turned[LANES * LANES];
    uint64_t bits[LANES][LANES / 64];
    int16_t own[LANES], lane[LANES], partner[LANES];
} Way;

static int16_t narrowed(double limit) {
    limit = floor(limit - 1e-3);
    return (int16_t)(limit < WEAKEST ? WEAKEST : limit > STRONGEST ? STRONGEST : limit);
}

static void set_limits(const Market *m, Way *way, int64_t block, int64_t other, int second) {
    double usual[2] = {0, 0};
    for (int side = 0; side < 2; side++) {
        int many = 0;
        for (int k = 0; k < LANES; k++) {
            int64_t person = (side ? other : block) * LANES + k;
            if (m->place[person] >= 0) usual[side] += m->thresholds[person], many++;
        }
        usual[side] /= many;
    }
    double touch = usual[0] + usual[1];
    touch = touch < 0 ? 0 : touch > FULL ? FULL : touch;
    double slope = UNITS * 2 * touch / FULL, less = UNITS * touch * touch / FULL;
    for (int k = 0; k < LANES; k++) {
        int64_t lane = block * LANES + k, partner = other * LANES + k;
        way->own[k] = m->place[lane] < 0 ? STRONGEST : (int16_t)(UNITS * m->floor);
        if (second) { /* the mean of both ways must reach the sum of both thresholds */
            way->lane[k] = narrowed(UNITS * (m->thresholds[lane] - usual[0]));
            way->partner[k] = narrowed(UNITS * (m->thresholds[partner] + usual[0]));
        } else {
            way->lane[k] = narrowed(slope * (m->thresholds[lane] - usual[0]));
            way->partner[k] = narrowed(slope * (m->thresholds[partner] + usual[0]) - less);
        }
    }
}

#if !defined(__AVX2__) && !defined(__AVX512BW__)
static int16_t saturated(int32_t sum) {
    return (int16_t)(sum < WEAKEST ? WEAKEST : sum > STRONGEST ? STRONGEST : sum);
}
#endif

static void sum_rows(const Market *m, Way *way, int64_t block, int64_t partner, int k, const int16_t *back) {
    const int16_t *table = m->bound + block * m->bound_height * LANES;
    const int32_t *rows = m->bound_rows + partner * m->groups;
    int16_t *sums = way->sums + k * LANES;
#if defined(__AVX512BW__)
    __m512i add = _mm512_set1_epi16(way->partner[k]);
    for (int at = 0; at < LANES; at += 128) {
        __m512i sum[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512()};
        for (int64_t g = 0; g < m->groups; g++) {
            const int16_t *row = table + (int64_t)rows[g] * LANES + at;
            for (int v = 0; v < 4; v++) sum[v] = _mm512_adds_epi16(sum[v], _mm512_loadu_si512(row + 32 * v));
        }
        uint32_t reached[4];
        for (int v = 0; v < 4; v++) {
            __m512i limit = _mm512_adds_epi16(_mm512_loadu_si512(way->lane + at + 32 * v), add);
            __m512i own = _mm512_loadu_si512(way->own + at + 32 * v), one = _mm512_set1_epi16(1), mean = sum[v];
            if (back) {
                __m512i other = _mm512_srai_epi16(_mm512_loadu_si512(back + at + 32 * v), 1);
                mean = _mm512_add_epi16(_mm512_add_epi16(_mm512_srai_epi16(sum[v], 1), other), one);
            }
            _mm512_storeu_si512(sums + at + 32 * v, sum[v]);
            reached[v] = _mm512_cmpge_epi16_mask(mean, limit) & _mm512_cmpge_epi16_mask(sum[v], own);
        }
        way->bits[k][at / 64] = reached[0] | (uint64_t)reached[1] << 32;
        way->bits[k][at / 64 + 1] = reached[2] | (uint64_t)reached[3] << 32;
    }
#elif defined(__AVX2__)
    __m256i add = _mm256_set1_epi16(way->partner[k]);
    for (int at = 0; at < LANES; at += 64) {
        __m256i sum[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256()};
        for (int64_t g = 0; g < m->groups; g++) {
            const int16_t *row = table + (int64_t)rows[g] * LANES + at;
            for (int v = 0; v < 4; v++)
                sum[v] = _mm256_adds_epi16(sum[v], _mm256_loadu_si256((const __m256i *)(row + 16 * v)));
        }
        uint64_t word = 0;
        for (int v = 0; v < 4; v++) {
            __m256i limit = _mm256_adds_epi16(_mm256_loadu_si256((const __m256i *)(way->lane + at + 16 * v)), add);
            __m256i own = _mm256_loadu_si256((const __m256i *)(way->own + at + 16 * v)), mean = sum[v];
            if (back) {
                __m256i other = _mm256_srai_epi16(_mm256_loadu_si256((const __m256i *)(back + at + 16 * v)), 1);
                mean = _mm256_add_epi16(_mm256_srai_epi16(sum[v], 1), _mm256_add_epi16(other, _mm256_set1_epi16(1)));
            }
            _mm256_storeu_si256((__m256i *)(sums + at + 16 * v), sum[v]);
            __m256i less = _mm256_or_si256(_mm256_cmpgt_epi16(limit, mean), _mm256_cmpgt_epi16(own, sum[v]));
            uint32_t bytes = ~(uint32_t)_mm256_movemask_epi8(less), word16 = 0;
            for (int b = 0; b < 16; b++) word16 |= (bytes >> (2 * b) & 1) << b;
            word |= (uint64_t)word16 << (16 * v);
        }
        way->bits[k][at / 64] = word;
    }
#else
    for (int at = 0; at < LANES; at += 64) {
        uint64_t word = 0;
        int16_t sum[64] = {0};
        for (int64_t g = 0; g < m->groups; g++) {
            const int16_t *row = table + (int64_t)rows[g] * LANES + at;
            for (int l = 0; l < 64; l++) sum[l] = saturated((int32_t)sum[l] + row[l]);
        }
        for (int l = 0; l < 64; l++) {
            int16_t limit = saturated((int32_t)way->lane[at + l] + way->partner[k]);
            int16_t mean = back ? (int16_t)((sum[l] >> 1) + (back[at + l] >> 1) + 1) : sum[l];
            sums[at + l] = sum[l];
            word |= (uint64_t)(mean >= limit && sum[l] >= way->own[at + l]) << l;
        }
        way->bits[k][at / 64] = word;
    }
#endif
}

static void sum_block(const Market *m, Way *way, int64_t block, int64_t other, const uint64_t *left) {
    for (int k = 0; k < LANES; k++) {
        int64_t partner = other * LANES + k;
        int32_t row = m->bound_rows[partner * m->groups + m->guard];
        int hopeless = m->place[partner] < 0 || m->refused[block * m->bound_height + row];
        if (hopeless || (left && !(left[k / 64] >> (k % 64) & 1)))
            for (int w = 0; w < LANES / 64; w++) way->bits[k][w] = 0;
        else
            sum_rows(m, way, block, partner, k, left ? way->turned + k * LANES : 0);
    }
}

static int64_t set_terms(const Market *m, int64_t me, int64_t them) {
    int64_t total = 0;
    for (int64_t k = 0; k < m->sets; k++) {
        int64_t at = me * m->sets + k, theirs = m->own[them * m->sets + k], mine = m->own[at];
        int refused = m->must[at];
        if (!theirs) {
            total += m->wish[at] * m->unknown_fit;
            refused = refused && m->strict;
        } else if (m->accepts[at] & theirs) {
            total += m->wish[at] * FULL;
            refused = 0;
        }
        total += mine && theirs ? m->shared[k * 65 + __builtin_popcountll(mine & theirs)] : m->shared_unknown[k];
        if (refused) total -= m->refusal;
    }
    return total;
}

static double sharper(const Market *m, int64_t me, int64_t them, int16_t bound, int64_t terms) {
    int64_t assumed = m->exact[me * m->height + m->set_row[them]] - m->base[me];
    return (bound - (assumed - terms) * m->parts[me]) / UNITS + 1e-6;
}

static int64_t satisfaction(const Market *m, int64_t me, int64_t them, int64_t terms) {
    int64_t total = m->base[me] + terms;
    for (int64_t k = 0; k < m->facts; k++) total += m->exact[me * m->height + m->fact_rows[them * m->facts + k]];
    return total >= 0 ? total / m->weight[me] : -1;
}

static int improves(const Market *m, int64_t one, int64_t other, int16_t there, int16_t back) {
    double wanted = (double)(m->thresholds[one] + m->thresholds[other]);
    if (wanted > 0 && (double)there * back / (UNITS * UNITS) * (1 + 1e-9) < wanted * wanted) return 0;
    int64_t mine = set_terms(m, one, other), theirs = set_terms(m, other, one);
    if (mine < 0 || theirs < 0) return 0;
    double a = sharper(m, one, other, there, mine), b = sharper(m, other, one, back, theirs);
    if (a < m->floor || b < m->floor || (wanted > 0 && a * b * (1 + 1e-9) < wanted * wanted)) return 0;
    int64_t x = satisfaction(m, one, other, mine), y = satisfaction(m, other, one, theirs);
    return x >= m->floor && y >= m->floor && (int64_t)sqrt((double)(x * y)) > m->thresholds[one] + m->thresholds[other];
}

static void transpose(uint64_t *square) {
    uint64_t mask = 0xFFFFFFFF;
    for (int step = 32; step; step >>= 1, mask ^= mask << step)
        for (int k = 0; k < 64; k = (k + step + 1) & ~step) {
            uint64_t swap = ((square[k] >> step) ^ square[k + step]) & mask;
            square[k + step] ^= swap;
            square[k] ^= swap << step;
        }
}

int64_t count_improving(const Market *m, int64_t first, int64_t last, int64_t low, int64_t high) {
    static _Thread_local Way ways[2];
    int64_t found = 0;
    for (int64_t block = first; block < last; block++)
        for (int64_t other = low; other < high; other++) {
            uint64_t left[LANES / 64] = {0}, square[64];
            set_limits(m, &ways[0], block, other, 0);
            set_limits(m, &ways[1], other, block, 1);
            sum_block(m, &ways[0], block, other, 0);
            for (int k = 0; k < LANES; k++)
                for (int w = 0; w < LANES / 64; w++) left[w] |= ways[0].bits[k][w];
            if (!(left[0] | left[1] | left[2] | left[3])) continue;
            for (int i = 0; i < LANES; i += 16)
                for (int j = 0; j < LANES; j += 16)
                    for (int x = 0; x < 16; x++)
                        for (int y = 0; y < 16; y++)
                            ways[1].turned[(i + x) * LANES + j + y] = ways[0].sums[(j + y) * LANES + i + x];
            sum_block(m, &ways[1], other, block, left);
            for (int i = 0; i < LANES / 64; i++)
                for (int j = 0; j < LANES / 64; j++) {
                    for (int k = 0; k < 64; k++) square[k] = ways[1].bits[i * 64 + k][j];
                    transpose(square);
                    for (int k = 0; k < 64; k++)
                        for (uint64_t word = ways[0].bits[j * 64 + k][i] & square[k]; word; word &= word - 1) {
                            int lane = i * 64 + __builtin_ctzll(word), partner = j * 64 + k;
                            found += improves(m, block * LANES + lane, other * LANES + partner,
                                              ways[0].sums[partner * LANES + lane], ways[1].sums[lane * LANES + partner]);
                        }
                }
        }
    return found;
}
