/* SPDX-License-Identifier: Apache-2.0
 * Merges the values that a printer returned by IPP (proto/ipp/ipp_reading) into those by SNMP,
 * where SNMP lacks them. SNMP has priority: no usable value is replaced, no row is duplicated, and
 * a second merge of the same readings changes nothing. Values from IPP are marked: a meter's source
 * is "ipp:" and its attribute, a supply's is SOURCE_IPP, and the masks of the group and of the
 * reading have that bit. Pure. */
#ifndef PLATEN_READING_READING_MERGE_H
#define PLATEN_READING_READING_MERGE_H

#include "proto/reading/reading.h"

#include <stdbool.h>

/* Whether a printer is polled by IPP too (devices.ipp). */
enum ipp_mode {
	IPP_MODE_DEFAULT, /* of a target: as devices.ipp is set */
	IPP_MODE_OFF,
	IPP_MODE_AUTO,   /* if SNMP lacks values */
	IPP_MODE_ALWAYS, /* also if SNMP has no response */
	IPP_MODE_ONLY    /* without SNMP: `platen poll` only */
};

/* Whether IPP may add to this reading: model or serial missing, no meters, no supply with a level,
 * or toner or ink without a known level. */
bool reading_is_poor(const struct reading *snmp);

/* Copies into *into the values of *ipp that it lacks; *ipp does not change:
 *
 *   identity     vendor, model, serial, firmware, MAC, device id: each that is empty
 *   meters       those whose name (METER_VENDOR: whose label) is not there yet
 *   supplies     all, if there are none; else level and maximum of a row that says "some" or
 *                "unknown", if IPP has a number for the only row of that type and colorant
 *   alerts       if there are none: those whose code RFC 3805 names
 *   state        if there is none
 *   media        trays, bins and rated speed, if SNMP requested them and returned none
 *
 * A failed group gets the status of IPP's group. A group that SNMP did not request is not changed,
 * unless SNMP had no response at all (no group has responded_at_ms): then the reading is IPP's, and
 * its sources say so. A group for which a table or the arena is full becomes partial. Returns the
 * groups that gained something: bit g for group g. */
unsigned reading_merge(struct reading *into, const struct reading *ipp);

#endif
