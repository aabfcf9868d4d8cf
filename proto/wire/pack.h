/* SPDX-License-Identifier: Apache-2.0
 * The msgpack contract (proto/wire/SCHEMA.md): records out by msgpack-c, records in by our own pull
 * reader (proto/msgpack/mpread), because msgpack-c's unpacker allocates what hostile bytes declare.
 * A record is one msgpack map with integer keys; a batch body is records one after the other. */
#ifndef PLATEN_WIRE_PACK_H
#define PLATEN_WIRE_PACK_H

#include "proto/base/buf.h"
#include "proto/reading/reading.h"

/* A mask of every group. */
#define ALL_GROUPS ((1u << GROUP_COUNT) - 1)

/* The fields of a record beside the reading. */
struct record_head {
	uint64_t seq;
	uint64_t read_at_ms;    /* wall clock of the agent when the poll ended */
	uint32_t policy_id;     /* the privacy policy it was packed under */
	bool is_full;           /* every group is present; else only the changed ones */
	struct text address;    /* of the printer, as text */
	struct text device_key; /* the agent's stable name for the device, see SCHEMA.md */
	uint32_t age_ms;        /* monotonic age at packing: 0 for live readings */
};

/* Appends one record with the groups in `mask` (bit g = enum reading_group g) to dst.
 * 0, ERR_FULL (dst is then as before). */
int record_pack(struct buf *dst, const struct record_head *head, const struct reading *r,
	unsigned mask) MUST_USE;

/* One record read into `r` (opened by the caller). *mask says which groups were in it. Unknown
 * keys are skipped, so that a newer agent is understood as far as possible. Returns the length of
 * the record or an error. head's texts point into bytes. */
int record_unpack(struct record_head *head, struct reading *r, unsigned *mask, const uint8_t *bytes,
	size_t len) MUST_USE;

/* The bytes of one group's map inside a record; len 0: the record does not carry the group. */
struct record_span {
	const uint8_t *p;
	size_t len;
};

/* Finds the head and each group's bytes without unpacking the groups, bounded. Views point into
 * bytes. Returns the length of the record or an error. */
int record_spans(struct record_head *head, struct record_span groups[GROUP_COUNT],
	const uint8_t *bytes, size_t len) MUST_USE;

/* One group as record_spans found it, read into `r`. read_at_ms is that of the group's record (the
 * times inside a group are kept relative to it). 0 or an error; the group must not be in r yet. */
int record_group_unpack(struct reading *r, enum reading_group g, uint64_t read_at_ms,
	const uint8_t *bytes, size_t len) MUST_USE;

/* Writes the record without the groups in `mask` to dst, which has room for `len` bytes and does
 * not overlap. Returns its length, or ERR_FORMAT if it is not as record_pack writes it. */
int record_cut(uint8_t *dst, const uint8_t *bytes, size_t len, unsigned mask) MUST_USE;

/* A digest of one group as packed (FNV-1a, 64 bit, of its msgpack without read times and without
 * sysUpTime, which always changes): equal content gives an equal digest, which is how a poll
 * finds out what changed. Allocates nothing. */
uint64_t record_group_digest(const struct reading *r, enum reading_group g);

#endif
