/* SPDX-License-Identifier: Apache-2.0
 * The privacy gate for records that waited while the policy changed: the last step before a body is
 * compressed and signed. */
#include "engine/uplink/filter.h"

#include "proto/base/limits.h"
#include "proto/base/slab.h"
#include "proto/wire/pack.h"

#include <errno.h>

/* A record that is of no use: its number alone, which the hub refuses. */
static int put_unreadable(struct buf *dst, uint64_t seq)
{
	static const struct reading nothing;
	const struct record_head head = {.seq = seq};
	return record_pack(dst, &head, &nothing, 0);
}

/* One record behind `dst`: as it is, or through the gate if another policy packed it. Its length.
 */
static int filter_record(const struct policy *p, struct buf *dst, const uint8_t *bytes, size_t len,
	struct slab *blocks)
{
	struct record_head head;
	struct record_span groups[GROUP_COUNT];
	int n = record_spans(&head, groups, bytes, len);
	if (n < 0)
		return n;
	int err = head.policy_id == p->id ? buf_put(dst, bytes, (size_t)n)
					  : policy_repack(p, dst, bytes, (size_t)n, blocks);
	if (err < 0 && err != ERR_FULL && err != -ENOMEM)
		err = put_unreadable(dst, head.seq);
	return err < 0 ? err : n;
}

/* Whether each record of the body was packed under the policy. */
static bool is_of_policy(const struct policy *p, const struct buf *body)
{
	for (size_t at = 0; at < body->len;) {
		struct record_head head;
		struct record_span groups[GROUP_COUNT];
		int n = record_spans(&head, groups, body->data + at, body->len - at);
		if (n < 0 || head.policy_id != p->id)
			return false;
		at += (size_t)n;
	}
	return true;
}

int batch_filter(const struct policy *p, struct buf *body)
{
	struct slab blocks;
	struct buf filtered;
	if (is_of_policy(p, body))
		return 0;
	int err = slab_open(&blocks, LIMIT_ARENA_BLOCK, LIMIT_ARENA_BLOCKS_ONE);
	if (err < 0)
		return err;
	buf_open(&filtered, body->max);
	for (size_t at = 0; at < body->len && err >= 0; at += (size_t)err)
		err = filter_record(p, &filtered, body->data + at, body->len - at, &blocks);
	slab_close(&blocks);
	if (err < 0) {
		buf_close(&filtered);
		return err;
	}
	buf_close(body);
	*body = filtered;
	return 0;
}
