/* SPDX-License-Identifier: Apache-2.0
 * Texts that name a printer: the model alone, and the version and serial number beside it. */
#include "proto/model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void test_names_are_split(void **state)
{
	(void)state;
	static const struct {
		const char *said, *model, *version, *serial;
	} rows[] = {
		{"Canon LBP712Cx R1.28/PH", "Canon LBP712Cx", "R1.28", ""},
		{"Canon iR-ADV C5235 /P", "Canon iR-ADV C5235", "", ""},
		{"RICOH SP 3600DN 1.19 / RICOH Network Printer C model", "RICOH SP 3600DN", "1.19",
			""},
		{"IPSiO GX e3300 Ver 1.05", "IPSiO GX e3300", "1.05", ""},
		{"ECOSYS M2040dn (Ver. 2.05)", "ECOSYS M2040dn", "2.05", ""},
		{"Lexmark XC4240 7529901141RTW CXTZJ.074.258", "Lexmark XC4240", "CXTZJ.074.258",
			"7529901141RTW"},
		{"Lexmark CX510de 0000000000 NH.GM.N632", "Lexmark CX510de", "NH.GM.N632", ""},
		{"Lexmark T640 version NS.NP.N219 kernel 2.6.6 All-N-1", "Lexmark T640", "", ""},
		{"OKI OkiLAN 6400e Rev. 10/100BASE Ethernet PrintServer: Attached to B6250 "
		 "Rev.8.1: "
		 "(C)2005",
			"B6250", "8.1", ""},
		{"OKI FastEther8450e Rev.01.08: Attached to B430 Rev.C2.00 : Copyright", "B430",
			"C2.00", ""},
		{"Xerox Phaser 6130N; Net 1.2", "Xerox Phaser 6130N", "", ""},
		{"Brother NC-130h, Firmware Ver.0.09 ,MID 8CA", "Brother NC-130h", "", ""},
		{"CX510de - IPP Everywhere", "CX510de", "", ""},
		{"HP LaserJet 400 M401, driverless, cups-filters 1.28.7", "HP LaserJet 400 M401",
			"", ""},
		{"Brother HL-L2350DW (driverless)", "Brother HL-L2350DW", "", ""},
		{"Brother DCP-7065DN, using brlaser v6", "Brother DCP-7065DN", "", ""},
		{"HP Deskjet 3050 j610 Series, hpcups 3.20.3", "HP Deskjet 3050 j610 Series", "",
			""},
		{"HP LaserJet 4250 Postscript (recommended)", "HP LaserJet 4250", "", ""},
		{"HP LaserJet 1020 Foomatic/foo2zjs-z1 (recommended)", "HP LaserJet 1020", "", ""},
		{"HP LaserJet 1022 (recommended)  - CUPS", "HP LaserJet 1022", "", ""},
		{"Epson Stylus C67 - CUPS+Gutenprint v5.3.3", "Epson Stylus C67", "", ""},
		{"HP LaserJet M506 [A1B2C3]", "HP LaserJet M506", "", ""},
		{"Samsung M2020 Series, 2.0.0", "Samsung M2020 Series", "", ""},
		{"WorkCentre 7845 v1 Multifunction System",
			"WorkCentre 7845 v1 Multifunction System", "", ""},
		{"Phaser 6180 PS", "Phaser 6180 PS", "", ""},
		{"Generic 28C-1", "Generic 28C-1", "", ""},
		{"Canon D1180/MF6680 /P", "Canon D1180/MF6680", "", ""},
		{"1.05", "1.05", "", ""},
		{"", "", "", ""},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct model_name name;
		models_split_name(text_of(rows[i].said), &name);
		if (!text_is(name.model, rows[i].model) ||
			!text_is(name.version, rows[i].version) ||
			!text_is(name.serial, rows[i].serial))
			fail_msg("\"%s\": \"%.*s\" \"%.*s\" \"%.*s\"", rows[i].said,
				TEXT_ARG(name.model), TEXT_ARG(name.version),
				TEXT_ARG(name.serial));
	}
}

static void test_empty_text_has_no_name(void **state)
{
	(void)state;
	static const struct text empty[] = {{NULL, 0}, {"", 0}, {"  ", 2}, {"attached to ", 12}};
	for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
		struct model_name name;
		models_split_name(empty[i], &name);
		assert_int_equal(name.version.len + name.serial.len, 0);
		assert_true(name.model.len == 0 || i == 3);
	}
}

static void test_print_servers_are_named(void **state)
{
	(void)state;
	static const char *const servers[] = {"EPSON Built-in 11b/g & 10/100 Print Server",
		"ZebraNet PrintServer II", "AXIS 560Print serverV5.36 Jul 7 1997",
		"HP JETDIRECT EX", "OKI OkiLAN 8100e", "Lexmark MarkNet N7000",
		"Monarch 7410 Print Adapter"};
	static const char *const printers[] = {"HP LaserJet 4250", "EPSON AL-M4000",
		"KYOCERA Document Solutions Printing System", ""};
	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++)
		assert_true(models_names_print_server(text_of(servers[i])));
	for (size_t i = 0; i < sizeof printers / sizeof printers[0]; i++)
		assert_false(models_names_print_server(text_of(printers[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_split),
		cmocka_unit_test(test_empty_text_has_no_name),
		cmocka_unit_test(test_print_servers_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
