/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/hub/merge.h"

#include "proto/reading/reading.h"

const struct archive_rule merge_rule = {.wins = merge_wins, .read_at = merge_read_at};

static bool says_something(const struct archive_version *v)
{
	return v->status == GROUP_COMPLETE || v->status == GROUP_PARTIAL;
}

bool merge_wins(const struct archive_version *newer, const struct archive_version *shown)
{
	if (says_something(newer) != says_something(shown))
		return says_something(newer);
	if (newer->read_at_ms != shown->read_at_ms)
		return newer->read_at_ms > shown->read_at_ms;
	if (newer->seq != shown->seq)
		return newer->seq > shown->seq;
	return newer->tie > shown->tie;
}

bool merge_is_behind(uint64_t read_at_ms, uint64_t received_at_ms)
{
	return read_at_ms < received_at_ms && received_at_ms - read_at_ms > MERGE_BEHIND_MS;
}

uint64_t merge_read_at(
	uint64_t read_at_ms, uint64_t received_at_ms, uint32_t age_ms, bool *is_suspect)
{
	bool is_ahead = read_at_ms > received_at_ms && read_at_ms - received_at_ms > MERGE_AHEAD_MS;
	*is_suspect = is_ahead || merge_is_behind(read_at_ms, received_at_ms);
	if (!is_ahead)
		return read_at_ms;
	return age_ms < received_at_ms ? received_at_ms - age_ms : 0;
}
