/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/mib/recording_agent.h"

enum { REQUEST_BYTES = LIMIT_REQUEST_BYTES };

/* The index of the first row whose name sorts after `name`, or the count. */
static size_t row_after(const struct recording *recording, struct oid_ber name)
{
	size_t low = 0, high = recording->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (oid_ber_compare(recording->rows[middle].name, name) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct varbind no_value(struct oid_ber name, enum ber_type why)
{
	return (struct varbind){.name = name, .type = (uint8_t)why};
}

static struct varbind get(const struct recording *recording, struct oid_ber name)
{
	const struct varbind *row = recording_find(recording, name);
	return row != NULL ? *row : no_value(name, BER_NO_SUCH_INSTANCE);
}

static struct varbind get_next(const struct recording *recording, struct oid_ber name)
{
	size_t i = row_after(recording, name);
	return i < recording->count ? recording->rows[i] : no_value(name, BER_END_OF_MIB_VIEW);
}

size_t recording_respond(const struct recording *recording, const struct snmp_request *q,
	struct varbind *vb, size_t max)
{
	struct oid_ber at[LIMIT_REQUEST_OIDS];
	size_t ber_at = 0, n = 0;
	unsigned rounds = q->pdu == SNMP_GETBULK ? q->max_repetitions : 1;
	for (size_t i = 0; i < q->oids; i++)
		at[i] = snmp_request_oid(q, i, &ber_at);
	for (unsigned round = 0; round < rounds; round++) {
		for (size_t i = 0; i < q->oids && n < max; i++) {
			vb[n] = q->pdu == SNMP_GET ? get(recording, at[i])
						   : get_next(recording, at[i]);
			at[i] = vb[n++].name;
		}
	}
	return n;
}

void recording_poll(struct reading *r, const struct recording *recording,
	const struct recording *context, const struct models *models, uint64_t now_ms)
{
	struct mib_limits limits = {0};
	struct mib_plan plan;
	struct snmp_request q;
	struct varbind vb[LIMIT_VARBINDS];
	mib_begin(&plan, &limits, SNMP_V2C, models, false);
	for (unsigned requests = 0; requests < LIMIT_POLL_REQUESTS; requests++) {
		if (mib_next_request(&plan, &q, REQUEST_BYTES) == 0)
			break;
		const struct recording *agent = mib_context(&plan).len > 0 ? context : recording;
		if (agent != NULL)
			mib_add_response(
				&plan, r, vb, recording_respond(agent, &q, vb, LIMIT_VARBINDS));
		else if (!mib_add_timeout(&plan))
			break;
	}
	mib_end(&plan, r);
	for (unsigned g = 0; g < GROUP_COUNT; g++)
		r->group[g].requested_at_ms = r->group[g].responded_at_ms = now_ms;
}
