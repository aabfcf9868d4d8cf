/* SPDX-License-Identifier: Apache-2.0
 * What a printer said by IPP (proto/ipp/ipp_reading) into what it said by SNMP, where SNMP is poor.
 * SNMP counts: no value that it told honestly is changed, no row is doubled, and a second merge of
 * the same changes nothing. What comes from IPP says so: a meter's source is "ipp:" and its
 * attribute, a supply's is SOURCE_IPP, the sources of the group and of the reading have the bit.
 * Pure. */
#ifndef PLATEN_READING_READING_MERGE_H
#define PLATEN_READING_READING_MERGE_H

#include "proto/reading/reading.h"

#include <stdbool.h>

/* Whether a printer is asked by IPP too (devices.ipp). */
enum ipp_mode {
	IPP_MODE_DEFAULT, /* of a target: as devices.ipp says */
	IPP_MODE_OFF,
	IPP_MODE_AUTO,   /* where SNMP is poor */
	IPP_MODE_ALWAYS, /* also where SNMP is silent */
	IPP_MODE_ONLY    /* and not by SNMP: `platen poll` only */
};

/* Whether a second source is worth asking after SNMP: model or serial missing, no meters, no supply
 * with an honest level, or toner or ink of which nobody knows how much is left. */
bool reading_is_poor(const struct reading *snmp);

/* Fills what is missing in *into from *ipp, which stays as it is; texts are copied. Taken are:
 *
 *   identity     each of vendor, model, serial, firmware, MAC, device id that is empty
 *   meters       those without a namesake (by label, if the name is the vendor's own)
 *   supplies     all, if there are none; else level and maximum of a row that says "some" or
 *                "unknown", if IPP has a number for the only row of that type and colorant
 *   alerts       if there are none: those whose code RFC 3805 names
 *   state        if there is none
 *   media        trays, bins and rated speed, if SNMP was asked for them and has none
 *
 * A group that failed gets the status of IPP's. A group that SNMP was not asked for is left alone,
 * unless SNMP said nothing at all (no group has answered_at_ms): then the reading is IPP's, and its
 * sources say so. What finds no room makes its group partial. Returns the groups that gained
 * something: bit g for group g. */
unsigned reading_merge(struct reading *into, const struct reading *ipp);

#endif
