/* SPDX-License-Identifier: Apache-2.0
 * A small colour printer as a recording: enough rows of the Printer-MIB that a whole poll asks
 * scalars, walks tables and follows a vendor's objects. */
#ifndef PLATEN_TESTS_HOSTILE_PRINTER_H
#define PLATEN_TESTS_HOSTILE_PRINTER_H

#include "proto/model/model.h"
#include "proto/recording/recording.h"

static const char hostile_printer[] = "1.3.6.1.2.1.1.1.0|4|HP ETHERNET MULTI-ENVIRONMENT\n"
				      "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.11.2.3.9.1\n"
				      "1.3.6.1.2.1.1.3.0|67|123456\n"
				      "1.3.6.1.2.1.2.2.1.6.1|4x|9c934e0a0b0c\n"
				      "1.3.6.1.2.1.25.2.2.0|2|262144\n"
				      "1.3.6.1.2.1.25.3.2.1.2.1|6|1.3.6.1.2.1.25.3.1.5\n"
				      "1.3.6.1.2.1.25.3.2.1.3.1|4|Acme Jet 5\n"
				      "1.3.6.1.2.1.25.3.2.1.5.1|2|2\n"
				      "1.3.6.1.2.1.25.3.5.1.1.1|2|3\n"
				      "1.3.6.1.2.1.25.3.5.1.2.1|4x|00\n"
				      "1.3.6.1.2.1.43.5.1.1.1.1|65|5\n"
				      "1.3.6.1.2.1.43.5.1.1.16.1|4|Colour printer\n"
				      "1.3.6.1.2.1.43.5.1.1.17.1|4|CNX0000001\n"
				      "1.3.6.1.2.1.43.6.1.1.3.1.1|2|4\n"
				      "1.3.6.1.2.1.43.8.2.1.2.1.1|2|3\n"
				      "1.3.6.1.2.1.43.8.2.1.9.1.1|2|250\n"
				      "1.3.6.1.2.1.43.8.2.1.10.1.1|2|-3\n"
				      "1.3.6.1.2.1.43.8.2.1.13.1.1|4|Tray 1\n"
				      "1.3.6.1.2.1.43.9.2.1.2.1.1|2|3\n"
				      "1.3.6.1.2.1.43.10.2.1.2.1.1|2|4\n"
				      "1.3.6.1.2.1.43.10.2.1.3.1.1|2|7\n"
				      "1.3.6.1.2.1.43.10.2.1.4.1.1|65|4711\n"
				      "1.3.6.1.2.1.43.10.2.1.5.1.1|65|12\n"
				      "1.3.6.1.2.1.43.11.1.1.2.1.1|2|1\n"
				      "1.3.6.1.2.1.43.11.1.1.2.1.2|2|1\n"
				      "1.3.6.1.2.1.43.11.1.1.3.1.1|2|1\n"
				      "1.3.6.1.2.1.43.11.1.1.3.1.2|2|2\n"
				      "1.3.6.1.2.1.43.11.1.1.4.1.1|2|3\n"
				      "1.3.6.1.2.1.43.11.1.1.4.1.2|2|3\n"
				      "1.3.6.1.2.1.43.11.1.1.5.1.1|2|3\n"
				      "1.3.6.1.2.1.43.11.1.1.5.1.2|2|3\n"
				      "1.3.6.1.2.1.43.11.1.1.6.1.1|4|Black Cartridge\n"
				      "1.3.6.1.2.1.43.11.1.1.6.1.2|4|Cyan Cartridge\n"
				      "1.3.6.1.2.1.43.11.1.1.7.1.1|2|19\n"
				      "1.3.6.1.2.1.43.11.1.1.7.1.2|2|19\n"
				      "1.3.6.1.2.1.43.11.1.1.8.1.1|2|100\n"
				      "1.3.6.1.2.1.43.11.1.1.8.1.2|2|100\n"
				      "1.3.6.1.2.1.43.11.1.1.9.1.1|2|55\n"
				      "1.3.6.1.2.1.43.11.1.1.9.1.2|2|-2\n"
				      "1.3.6.1.2.1.43.12.1.1.4.1.1|4|black\n"
				      "1.3.6.1.2.1.43.12.1.1.4.1.2|4|cyan\n"
				      "1.3.6.1.2.1.43.18.1.1.2.1.1|2|3\n"
				      "1.3.6.1.2.1.43.18.1.1.7.1.1|2|1104\n"
				      "1.3.6.1.2.1.43.18.1.1.8.1.1|4|Cyan low\n"
				      "1.3.6.1.4.1.99999.1.0|4|Jet 5\n"
				      "1.3.6.1.4.1.99999.2.0|2|17\n"
				      "1.3.6.1.4.1.99999.4.1.2.1|4|Total\n"
				      "1.3.6.1.4.1.99999.4.1.2.2|4|Colour\n"
				      "1.3.6.1.4.1.99999.4.1.3.1|65|900\n"
				      "1.3.6.1.4.1.99999.4.1.3.2|65|800\n";

/* Its vendor's model file: few words, so that recognising it is not most of a fuzz target's time.
 */
static const char hostile_model[] =
	"family: acme\n"
	"root: 1.3.6.1.4.1.99999\n"
	"vendors:\n"
	"  - {vendor: Acme, words: [acme], objects: [1.3.6.1.4.1.99999], printer_words: [acme "
	"jet]}\n"
	"get:\n"
	"  - {oid: .1.0, to: model}\n"
	"  - {oid: .2.0, to: meter, meter: print_impressions_mono, unit: impressions}\n"
	"tables:\n"
	"  - rows: meters\n"
	"    entry: .4.1\n"
	"    columns: {value: 3, label: 2}\n"
	"    unknown: keep\n"
	"    targets:\n"
	"      - {index: \"1\", to: meter, meter: print_impressions_total, unit: impressions}\n"
	"lines:\n"
	"  - {name: \"Jet\", evidence: none}\n";

/* The vendor's model as a set of its own, and the printer's recording. 0 or an error. */
static inline int hostile_open(struct models *models, struct recording *recording)
{
	char why[LIMIT_WHY];
	int err = models_open(models);
	if (err == 0)
		err = models_add(models, "acme.yaml", (const uint8_t *)hostile_model,
			sizeof hostile_model - 1, why);
	if (err == 0)
		err = models_finish(models, why);
	if (err == 0)
		err = recording_parse(recording, RECORDING_SNMPREC, RECORDING_KEEP_FIRST,
			hostile_printer, sizeof hostile_printer - 1, why);
	return err;
}

#endif
