/* SPDX-License-Identifier: Apache-2.0
 * Media handling (RFC 3805): input trays, output bins, covers, media paths and their rated speed.
 */
#include "proto/mib/mib_internal.h"

#include <string.h>

MIB_DEFINE_ROW_OF_KIND(subunit, subunits, last_subunit)

bool mib_store_media(struct mib_plan *plan, struct reading *r, enum mib_column_name column,
	const uint32_t *sub, size_t n, const struct varbind *vb)
{
	static const uint8_t kinds[TABLE_COUNT] = {[TABLE_INPUT] = SUBUNIT_TRAY,
		[TABLE_OUTPUT] = SUBUNIT_BIN,
		[TABLE_COVER] = SUBUNIT_COVER,
		[TABLE_PATH] = SUBUNIT_PATH};
	if (n != 2)
		return false;
	enum subunit_kind kind = (enum subunit_kind)kinds[mib_columns[column].table];
	struct subunit *s = subunit_row(plan, r, kind, sub[0], sub[1]);
	if (s == NULL)
		return false;
	switch (column) {
	case COLUMN_INPUT_TYPE:
	case COLUMN_OUTPUT_TYPE:
	case COLUMN_PATH_TYPE:
		s->type = mib_small_enum(vb);
		break;
	case COLUMN_INPUT_UNIT:
	case COLUMN_OUTPUT_UNIT:
	case COLUMN_PATH_UNIT:
		s->unit = mib_small_enum(vb);
		break;
	case COLUMN_INPUT_MAX:
	case COLUMN_OUTPUT_MAX:
	case COLUMN_PATH_SPEED:
		s->has_max = mib_int32(vb, &s->max);
		break;
	case COLUMN_INPUT_LEVEL:
	case COLUMN_OUTPUT_LEFT:
		s->has_level = mib_int32(vb, &s->level);
		break;
	case COLUMN_INPUT_STATUS:
	case COLUMN_OUTPUT_STATUS:
	case COLUMN_COVER_STATUS:
	case COLUMN_PATH_STATUS:
		s->has_status = mib_int32(vb, &s->status);
		break;
	case COLUMN_INPUT_MEDIA:
		s->media = mib_known_octets(plan, r, vb, LIMIT_TEXT_SHORT);
		break;
	case COLUMN_INPUT_NAME:
	case COLUMN_OUTPUT_NAME:
		s->name = mib_known_octets(plan, r, vb, LIMIT_TEXT_SHORT);
		break;
	default:
		s->description = mib_known_octets(plan, r, vb, LIMIT_TEXT);
		break;
	}
	return true;
}

/* PrtMediaPathMaxSpeedPrintUnitTC: impressions and sheets per hour. The fastest path is the rated
 * speed; RFC 3805 does not tell whether it prints in colour. */
void mib_conclude_media(struct reading *r)
{
	enum { IMPRESSIONS_PER_HOUR = 7, SHEETS_PER_HOUR = 8, MINUTES = 60, FASTEST = 2000 };
	if (r->pages_per_minute != 0)
		return;
	for (const struct subunit *s = r->subunits; s != NULL; s = s->next) {
		if (s->kind != SUBUNIT_PATH || !s->has_max || s->max < MINUTES ||
			(s->unit != IMPRESSIONS_PER_HOUR && s->unit != SHEETS_PER_HOUR))
			continue;
		int32_t ppm = s->max / MINUTES;
		if (ppm <= FASTEST && ppm > r->pages_per_minute)
			r->pages_per_minute = (uint16_t)ppm;
	}
}
