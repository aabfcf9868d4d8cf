# A colour multifunction printer in the shape of Xerox's ConnectKey devices. Everything in it is
# made up but the shape: rows, labels and numbers of counters are as such printers have them.
profile xerox-color-mfp
serial "3SX######"
host "XRX{mac}"
oui 9c934e

rate print_mono 4.50
rate print_color 3.00
rate copy_mono 1.50
rate copy_color 0.75
rate fax_mono 0.20
rate fax_sent 0.15
rate scan_email 1.00
rate scan_network 0.50

let color = print_color + copy_color
let mono = print_mono + copy_mono + fax_mono
let total = color + mono
# Two sides on one sheet: a sheet for each pair.
let pm2 = print_mono%30
let pms = print_mono - pm2
let pc2 = print_color%25
let pcs = print_color - pc2
let cm2 = copy_mono%20
let cms = copy_mono - cm2
let cc2 = copy_color%20
let ccs = copy_color - cc2
let fx2 = fax_mono%10
let fxs = fax_mono - fx2
let sheets = pms + pcs + cms + ccs + fxs
let sheets2 = pm2 + pc2 + cm2 + cc2 + fx2
let pml = print_mono%4
let pcl = print_color%6
let cml = copy_mono%5
let ccl = copy_color%8
let fxl = fax_mono%1
let mono_large = pml + cml + fxl
let color_large = pcl + ccl
let large = mono_large + color_large
let mono_single = mono - mono_large
let color_single = color - color_large
let single = mono_single + color_single
let mono_a4 = mono + mono_large
let color_a4 = color + color_large
let a4 = mono_a4 + color_a4
let color1 = color%40
let level1_single = mono_single + color1
let color_high = color%25
let color_mid = color - color1 - color_high
let level1 = mono + color1
let stored_color = print_color%3
let stored_mono = print_mono%2
let stored = stored_color + stored_mono
let print_sheets = pms + pcs
let print_sheets2 = pm2 + pc2
let copy_sheets = cms + ccs
let copy_sheets2 = cm2 + cc2
let fax_received = fax_mono
let server_fax = fax_sent%30
let internet_fax = fax_sent%20
let ifax_pages = fax_mono%15
let scan_images = scan_email + scan_network

supply black total capacity 26000 yield 26000 low 10
supply cyan color capacity 15000 yield 15000 low 10
supply magenta color capacity 15000 yield 14200 low 10
supply yellow color capacity 15000 yield 16400 low 10
supply drum1 total capacity 100 yield 125000 low 5
supply drum2 color capacity 100 yield 125000 low 5
supply drum3 color capacity 100 yield 125000 low 5
supply drum4 color capacity 100 yield 125000 low 5
supply waste total capacity 100 yield 43000 low 10
supply belt total capacity 100 yield 160000 low 5
supply roll total capacity 100 yield 200000 low 5
supply tray1 sheets capacity 520 yield 520 low 10
supply tray2 sheets capacity 520 yield 1900 low 10
supply tray3 large capacity 870 yield 870 low 10

event jam every 53
event door every 31

# ---- system ----
1.3.6.1.2.1.1.1.0 string "Xerox AltaLink C8100; SS 118.009.020.13510, NC 118.009.13510, UI 118.009.13510, ME 063.022.000, CC 118.009.13510, DF 007.019.000, FI 032.057.000, FA 003.012.013, CCOS 118.009.13510, NCOS 118.009.13510, SC 013.015.006, SU 118.009.13510"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.253.8.62.1.35.8.3.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "System Administrator: Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "XRX{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location, room {n}"
1.3.6.1.2.1.1.7.0 integer 79
1.3.6.1.2.1.2.1.0 integer 2
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "Xerox Embedded Ethernet Controller, 10/100/1000 Mbps, v1.0, RJ-45, auto" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
2 | 2 | "lo" | 24 | 16436 | 10000000 | "" | 1 | 1
end

# ---- host resources ----
1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.1.2.0 clock
1.3.6.1.2.1.25.2.2.0 integer 4194304
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "RAM" | 1024 | 2097152 | 700000
2 | 2 | 1.3.6.1.2.1.25.2.1.4 | "Hard Disk" | 4096 | 39321600 | 1200000
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "Xerox AltaLink C8100" | 1.3.6.1.4.1.253.8.62.1.35.8.3.1 | pick 5 if jam door black.empty / 3 if black.low cyan.low magenta.low yellow.low waste.low tray1.empty / 2 | =jam.count
5 | 5 | 1.3.6.1.2.1.25.3.1.6 | "Xerox Fixed Disk" | 0.0 | 2 | 0
6 | 6 | 1.3.6.1.4.1.253.8.52.2.55 | "Completed Jobs Log on Xerox Network Controller" | 0.0 | 2 | 0
7 | 7 | 1.3.6.1.2.1.25.3.1.3 | "Quad core processor, 1.91 GHz" | 0.0 | 2 | 0
8 | 8 | 1.3.6.1.4.1.253.8.52.2.101 | "Xerox Network Controller" | 0.0 | 2 | 0
9 | 9 | 1.3.6.1.2.1.25.3.1.4 | "Xerox Embedded Ethernet Controller" | 0.0 | 2 | 0
10 | 10 | 1.3.6.1.4.1.253.8.52.2.102 | "Xerox Color Scanner, one-pass duplex document handler, 600x600 dpi" | 0.0 | 2 | 0
11 | 11 | 1.3.6.1.4.1.253.8.52.2.103 | "Xerox Copy Service" | 0.0 | 2 | 0
12 | 12 | 1.3.6.1.4.1.253.8.52.2.120 | "Xerox Fax Card, 33.6 Kbps, 1 line" | 0.0 | 2 | 0
13 | 13 | 1.3.6.1.4.1.253.8.52.2.119 | "Xerox Server Fax Service" | 0.0 | 2 | 0
14 | 14 | 1.3.6.1.4.1.253.8.52.2.118 | "Xerox Internet Fax Service" | 0.0 | 2 | 0
15 | 15 | 1.3.6.1.4.1.253.8.52.2.106 | "Xerox Office Finisher (Staple, Stack)" | 0.0 | 2 | 0
end
1.3.6.1.2.1.25.3.5.1.1.1 integer pick 4 if printing / 1 if jam door / 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 2 2 if black.low cyan.low magenta.low yellow.low / 3 if black.empty cyan.empty magenta.empty yellow.empty / 4 if door / 5 if jam / 0 if tray1.low / 13 if tray1.empty
table 1.3.6.1.2.1.25.6.3.1 1 integer, 2 string, 3 oid, 4 integer
1 | 1 | "Xerox System Software; System 118.009.020.13510" | 0.0 | 1
2 | 2 | "Xerox Software Upgrade software; SWUP 118.009.13510" | 0.0 | 1
3 | 3 | "Xerox Network Controller software; NC 118.009.13510" | 0.0 | 1
4 | 4 | "Xerox User Interface software; UI 118.009.13510" | 0.0 | 1
5 | 5 | "Xerox Marking Engine software; ME 063.022.000" | 0.0 | 1
6 | 6 | "Xerox Copy Controller software; CC 118.009.13510" | 0.0 | 1
7 | 7 | "Xerox Document Feeder software; DF 007.019.000" | 0.0 | 1
8 | 8 | "Xerox Finisher software; FI 032.057.000" | 0.0 | 1
9 | 9 | "Xerox Fax software; FA 003.012.013" | 0.0 | 1
10 | 10 | "Xerox Scanner software; SC 013.015.006" | 0.0 | 1
end

# ---- Printer-MIB ----
1.3.6.1.2.1.43.5.1.1.1.1 counter 12
1.3.6.1.2.1.43.5.1.1.2.1 integer 1
1.3.6.1.2.1.43.5.1.1.3.1 integer 3
1.3.6.1.2.1.43.5.1.1.4.1 string "Planted Operator"
1.3.6.1.2.1.43.5.1.1.5.1 string "Planted Service Person, service@example.invalid"
1.3.6.1.2.1.43.5.1.1.16.1 string "XRX{mac}"
1.3.6.1.2.1.43.5.1.1.17.1 string "{serial}"
1.3.6.1.2.1.43.5.1.1.18.1 counter =jam.count
1.3.6.1.2.1.43.5.1.1.19.1 counter =door.count
table 1.3.6.1.2.1.43.6.1.1 2 string, 3 integer
1.1 | "Front Cover" | pick 3 if door / 4
1.2 | "Left Hand Cover (Door A)" | pick 3 if jam / 4
end
table 1.3.6.1.2.1.43.7.1.1 2 string, 3 string, 4 integer
1.1 | "en" | "US" | 106
end
table 1.3.6.1.2.1.43.8.2.1 2 integer, 3 integer, 4 integer, 5 integer, 8 integer, 9 integer, 10 integer, 11 integer, 12 string, 13 string, 18 string, 21 string
1.1 | 3 | 4 | 297000 | 210000 | 8 | 520 | =tray1.left | pick 9 if tray1.empty / 0 | "A4 (210x297mm)" | "Tray 1" | "Tray 1: Plain" | "stationery"
1.2 | 3 | 4 | 297000 | 210000 | 8 | 520 | =tray2.left | 0 | "A4 (210x297mm)" | "Tray 2" | "Tray 2: Plain" | "stationery"
1.3 | 3 | 4 | 420000 | 297000 | 8 | 870 | =tray3.left | 0 | "A3 (297x420mm)" | "Tray 3" | "Tray 3: Plain" | "stationery"
1.4 | 4 | 4 | 297000 | 210000 | 8 | 100 | -3 | 0 | "A4 (210x297mm)" | "Bypass Tray" | "Bypass Tray: Plain" | "stationery"
end
table 1.3.6.1.2.1.43.9.2.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 string, 12 string
1.1 | 3 | 8 | 250 | -3 | 0 | "Center Tray" | "Center Output Tray"
1.2 | 3 | 8 | 2000 | -3 | 0 | "Stacker" | "Finisher Stacker Tray"
end
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 5 counter, 6 integer, 7 integer, 8 integer, 9 integer, 10 integer, 15 integer
1.1 | 4 | 7 | =total | =since_boot | 4 | 0 | 3 | 1200 | 2400 | pick 9 if jam / 0
end
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
1.1 | 1 | 1 | 3 | 3 | "Black Toner, PN 006R01746;SN{hA}80E00001" | 7 | 26000 | =black.left
1.2 | 1 | 2 | 3 | 3 | "Cyan Toner, PN 006R01747;SN{hB}80E00001" | 7 | 15000 | =cyan.left
1.3 | 1 | 3 | 3 | 3 | "Magenta Toner, PN 006R01748;SN{hC}80E00001" | 7 | 15000 | =magenta.left
1.4 | 1 | 4 | 3 | 3 | "Yellow Toner, PN 006R01749;SN{hD}80E00001" | 7 | 15000 | =yellow.left
1.5 | 1 | 0 | 3 | 9 | "Drum Cartridge (R1), PN 013R00681;SN{hE}80E00001" | 19 | 100 | =drum1.left
1.6 | 1 | 0 | 3 | 9 | "Drum Cartridge (R2), PN 013R00681;SN{hF}80E00001" | 19 | 100 | =drum2.left
1.7 | 1 | 0 | 3 | 9 | "Drum Cartridge (R3), PN 013R00681;SN{hG}80E00001" | 19 | 100 | =drum3.left
1.8 | 1 | 0 | 3 | 9 | "Drum Cartridge (R4), PN 013R00681;SN{hH}80E00001" | 19 | 100 | =drum4.left
1.9 | 1 | 0 | 3 | 15 | "Fuser, PN unknown;SNunknown" | 19 | -2 | -3
1.10 | 1 | 0 | 4 | 4 | "Waste Toner Container, PN 008R08101;SNunknown" | 19 | 100 | =waste.left
1.11 | 1 | 0 | 3 | 20 | "Transfer Belt Cleaner, PN 042K94561;SNunknown" | 19 | 100 | =belt.left
1.12 | 1 | 0 | 3 | 20 | "Second Bias Transfer Roll, PN 008R08103;SNunknown" | 19 | 100 | =roll.left
1.13 | 1 | 0 | 3 | 1 | "Document Feeder Feed Roll, PN unknown;SNunknown" | 19 | -2 | -3
end
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black" | 256
1.2 | 1 | 3 | "cyan" | 256
1.3 | 1 | 3 | "magenta" | 256
1.4 | 1 | 3 | "yellow" | 256
end
table 1.3.6.1.2.1.43.15.1.1 2 integer, 3 string, 5 string, 6 string
1.1 | 3 | "PCL5c" | "HP PCL Color" | ""
1.2 | 6 | "3" | "Adobe PostScript 3" | "3018.103"
1.3 | 54 | "1.7" | "PDF" | ""
end
table 1.3.6.1.2.1.43.13.4.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 integer, 10 string, 11 integer
1.1 | 7 | 4 | 4200 | 432000 | 305000 | 148000 | 98000 | 5 | "Simplex path" | 0
end
table 1.3.6.1.2.1.43.14.1.1 2 integer, 3 string, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 string
1.1 | 11 | "1.0" | 1 | 1 | 4 | 1 | 0 | "Port=9100"
1.2 | 8 | "RFC1179" | 1 | 1 | 4 | 1 | 0 | "QueueName=lp"
1.3 | 44 | "2.0" | 1 | 1 | 4 | 1 | 0 | "URI=/ipp/print"
end
1.3.6.1.2.1.43.16.5.1.2.1.1 string pick "Paper jam. Open Door A." if jam / "Close the front cover." if door / "Printing" if printing / "Sleep Mode" if sleeping / "Ready"
1.3.6.1.2.1.43.16.5.1.2.1.2 string pick "Black toner low" if black.low / ""
table 1.3.6.1.2.1.43.17.6.1 2 integer, 3 integer, 4 integer, 5 string
1.1 | 1 | 0 | 3 | "Power"
end
table 1.3.6.1.2.1.43.18.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.11 when black.low | 5 | 4 | 11 | 1 | 956800 | 1104 | "09-568-00 The Black Toner (K) is near its end of life. Order a new cartridge now. Printing can continue." | 0
1.12 when cyan.low | 5 | 4 | 11 | 2 | 956900 | 1104 | "09-569-00 The Cyan Toner (C) is near its end of life. Order a new cartridge now. Printing can continue." | 0
1.13 when magenta.low | 5 | 4 | 11 | 3 | 957000 | 1104 | "09-570-00 The Magenta Toner (M) is near its end of life. Order a new cartridge now. Printing can continue." | 0
1.14 when yellow.low | 5 | 4 | 11 | 4 | 957100 | 1104 | "09-571-00 The Yellow Toner (Y) is near its end of life. Order a new cartridge now. Printing can continue." | 0
1.15 when waste.low | 5 | 4 | 11 | 10 | 957200 | 1107 | "09-572-00 The Waste Toner Container is near its full capacity." | 0
1.16 when tray1.empty | 5 | 3 | 8 | 1 | 710000 | 808 | "07-100-00 Tray 1 is empty. Load paper." | 0
1.17 when black.empty | 3 | 4 | 11 | 1 | 956810 | 1101 | "09-568-10 The Black Toner (K) is empty. Replace the cartridge." | 0
1.21 when jam | 3 | 3 | 13 | 1 | 810300 | 8 | "08-103-00 There is a paper jam. Open Door A and clear the paper." | raised
1.22 when door | 3 | 3 | 6 | 1 | 510100 | 3 | "05-101-00 The front cover is open. Close the cover." | raised
1.46 when sleeping | 1 | 7 | 5 | -1 | -1 | 23 | "Sleep Mode" | raised
end

# ---- Xerox: identity ----
root X 1.3.6.1.4.1.253.8
$X.51.1.2.1.20.1 string "MFG:Xerox; CMD:PCL, PJL, PostScript; MDL:AltaLink C8100; CLS:Printer; DES:Xerox AltaLink C8100; CID:XR_PS_Office_Color"
table $X.53.3.2.1 1 integer, 2 string, 3 string, 8 string, 9 string, 14 string, 15 string
1 | 1 | "Xerox AltaLink C8100 Multifunction System" | "{serial}" | "" | "" | "" | ""
8 | 1 | "Xerox Network Controller" | "{serial}" | "" | "" | "" | ""
10 | 1 | "Xerox Color Scanner" | "NULL; blank" | "" | "" | "" | ""
11 | 1 | "Xerox Copy Service" | "NULL; blank" | "" | "" | "" | ""
12 | 1 | "Xerox Fax Card" | "NULL; blank" | "" | "" | "" | ""
end

# ---- Xerox: usage counters, by device row; the label says which ----
table $X.53.13.2.1 4 integer, 5 integer, 6 integer, 8 string
1.20.1 | 9 | 27 | =total | "Total Impressions"
1.20.2 | 9 | 27 | =since_boot | "Power On Impressions"
1.20.7 | 9 | 27 | =print_mono | "Black Printed Impressions"
1.20.8 | 9 | 28 | =pms | "Black Printed Sheets"
1.20.9 | 9 | 28 | =pm2 | "Black Printed 2 Sided Sheets"
1.20.10 | 9 | 28 | =pml | "Black Printed Large Sheets"
1.20.15 | 9 | 28 | =print_sheets | "Printed Sheets"
1.20.16 | 9 | 28 | =print_sheets2 | "Printed 2 Sided Sheets"
1.20.29 | 9 | 27 | =print_color | "Color Printed Impressions"
1.20.30 | 9 | 28 | =pcs | "Color Printed Sheets"
1.20.31 | 9 | 28 | =pc2 | "Color Printed 2 Sided Sheets"
1.20.32 | 9 | 28 | =pcl | "Color Printed Large Sheets"
1.20.33 | 9 | 27 | =color | "Color Impressions"
1.20.34 | 9 | 27 | =mono | "Black Impressions"
1.20.38 | 9 | 28 | =sheets | "Sheets"
1.20.39 | 9 | 28 | =sheets2 | "2 Sided Sheets"
1.20.43 | 9 | 27 | =color_large | "Color Large Impressions"
1.20.44 | 9 | 27 | =mono_large | "Black Large Impressions"
1.20.47 | 9 | 27 | =large | "Large Impressions"
1.20.67 | 9 | 26 | =fax_received | "Fax Images Received"
1.20.71 | 9 | 27 | =fax_mono | "Fax Impressions"
1.20.72 | 9 | 27 | =stored_color | "Color Stored Image Printed Impressions"
1.20.73 | 9 | 27 | =stored_mono | "Black Stored Image Printed Impressions"
1.20.74 | 9 | 27 | =stored | "Stored Image Printed Impressions"
1.20.80 | 9 | 27 | =level1 | "Black + Color Level 1 Impressions"
1.20.81 | 9 | 27 | =color_mid | "Color Level 2 Impressions"
1.20.82 | 9 | 27 | =color_high | "Color Level 3 Impressions"
1.20.86 | 9 | 27 | =level1_single | "Black + Color Level 1 Single Impressions"
1.20.100 | 9 | 27 | =single | "Single Impressions"
1.20.101 | 9 | 27 | =mono_single | "Black Single Impressions"
1.20.102 | 9 | 27 | =color_single | "Color Single Impressions"
1.20.200 | 9 | 27 | =a4 | "A4 Equivalent Impressions"
1.20.201 | 9 | 27 | =mono_a4 | "Black A4 Equivalent Impressions"
1.20.202 | 9 | 27 | =color_a4 | "Color A4 Equivalent Impressions"
10.20.11 | 9 | 26 | =scan_network | "Network Scanning Images Sent"
10.20.12 | 9 | 26 | =scan_email | "E-mail Images Sent"
10.20.21 | 9 | 26 | =stored | "Images Stored"
10.20.23 | 9 | 26 | =scan_images | "Images Sent"
10.20.65 | 9 | 26 | =server_fax | "Fax Images Stored"
10.20.66 | 9 | 26 | =fax_sent | "Fax Images Sent"
11.20.3 | 9 | 27 | =copy_mono | "Black Copied Impressions"
11.20.4 | 9 | 28 | =cms | "Black Copied Sheets"
11.20.5 | 9 | 28 | =cm2 | "Black Copied 2 Sided Sheets"
11.20.6 | 9 | 28 | =cml | "Black Copied Large Sheets"
11.20.15 | 9 | 28 | =copy_sheets | "Copied Sheets"
11.20.16 | 9 | 28 | =copy_sheets2 | "Copied 2 Sided Sheets"
11.20.25 | 9 | 27 | =copy_color | "Color Copied Impressions"
11.20.26 | 9 | 28 | =ccs | "Color Copied Sheets"
11.20.27 | 9 | 28 | =cc2 | "Color Copied 2 Sided Sheets"
11.20.28 | 9 | 28 | =ccl | "Color Copied Large Sheets"
12.20.13 | 9 | 26 | =fax_sent | "Embedded Fax Images Sent"
12.20.14 | 9 | 27 | =fax_mono | "Embedded Fax Impressions"
12.20.15 | 9 | 28 | =fxs | "Embedded Fax Sheets"
12.20.16 | 9 | 28 | =fx2 | "Embedded Fax 2 Sided Sheets"
12.20.17 | 9 | 28 | =fxl | "Embedded Fax Large Sheets"
12.20.19 | 9 | 26 | =fax_received | "Embedded Fax Images Received"
13.20.13 | 9 | 26 | =server_fax | "Server Fax Images Sent"
14.20.13 | 9 | 26 | =internet_fax | "Internet Fax Images Sent"
14.20.14 | 9 | 27 | =ifax_pages | "Internet Fax Impressions"
end

# ---- Xerox: maintenance (HFSI), by the index of the supply: 20 use, 57 installed, 240 and 270 state ----
table $X.53.20.2.1 7 integer, 9 string, 10 string
2.1.20.1 | =total | "" | "Product Lifetime Usage"
2.1.57.1 | 1703462400 | "2023-12-25" | "Install Date"
2.1.240.1 | 5 | "" | "Low Supply Warning Days"
2.1.270.1 | pick 3 if black.low / 2 | "" | "Status"
2.2.20.1 | =color | "" | "Product Lifetime Usage"
2.2.57.1 | 1706918400 | "2024-02-03" | "Install Date"
2.2.240.1 | 5 | "" | "Low Supply Warning Days"
2.2.270.1 | pick 3 if cyan.low / 2 | "" | "Status"
2.3.20.1 | =color | "" | "Product Lifetime Usage"
2.3.57.1 | 1710374400 | "2024-03-14" | "Install Date"
2.3.240.1 | 5 | "" | "Low Supply Warning Days"
2.3.270.1 | pick 3 if magenta.low / 2 | "" | "Status"
2.4.20.1 | =color | "" | "Product Lifetime Usage"
2.4.57.1 | 1713830400 | "2024-04-23" | "Install Date"
2.4.240.1 | 5 | "" | "Low Supply Warning Days"
2.4.270.1 | pick 3 if yellow.low / 2 | "" | "Status"
2.5.20.1 | =total | "" | "Product Lifetime Usage"
2.5.57.1 | 1717286400 | "2024-06-02" | "Install Date"
2.5.240.1 | 5 | "" | "Low Supply Warning Days"
2.5.270.1 | pick 3 if drum1.low / 2 | "" | "Status"
2.6.20.1 | =color | "" | "Product Lifetime Usage"
2.6.57.1 | 1720742400 | "2024-07-12" | "Install Date"
2.6.240.1 | 5 | "" | "Low Supply Warning Days"
2.6.270.1 | pick 3 if drum2.low / 2 | "" | "Status"
2.7.20.1 | =color | "" | "Product Lifetime Usage"
2.7.57.1 | 1724198400 | "2024-08-21" | "Install Date"
2.7.240.1 | 5 | "" | "Low Supply Warning Days"
2.7.270.1 | pick 3 if drum3.low / 2 | "" | "Status"
2.8.20.1 | =color | "" | "Product Lifetime Usage"
2.8.57.1 | 1727654400 | "2024-09-30" | "Install Date"
2.8.240.1 | 5 | "" | "Low Supply Warning Days"
2.8.270.1 | pick 3 if drum4.low / 2 | "" | "Status"
2.10.20.1 | =total | "" | "Product Lifetime Usage"
2.10.57.1 | 1734566400 | "2024-12-19" | "Install Date"
2.10.240.1 | 5 | "" | "Low Supply Warning Days"
2.10.270.1 | pick 3 if waste.low / 2 | "" | "Status"
2.11.20.1 | =total | "" | "Product Lifetime Usage"
2.11.57.1 | 1738022400 | "2025-01-28" | "Install Date"
2.11.240.1 | 5 | "" | "Low Supply Warning Days"
2.11.270.1 | pick 3 if belt.low / 2 | "" | "Status"
2.12.20.1 | =total | "" | "Product Lifetime Usage"
2.12.57.1 | 0 | "" | "Install Date"
2.12.240.1 | 5 | "" | "Low Supply Warning Days"
2.12.270.1 | pick 3 if roll.low / 2 | "" | "Status"
end

# ---- Xerox: jobs, people, mail: what a collector must never read ----
$X.51.5.2.1.1 string "planted-user@example.invalid"
$X.51.17.1.1.1 string "Planted Job Title: budget"
$X.51.18.1.1.1 string "planted.sender@example.invalid"
$X.57.2.1.1 string "planted-proxy-user"
$X.59.3.1.1 string "Planted job title: salary list of J. Planted.docx"
$X.59.3.1.2 string "planted-owner@example.invalid"
$X.64.4.2.1.7.1 string "planted-smtp@example.invalid"
$X.74.6.2.1.9.1 string "Planted document: dismissal letter.pdf"
table 1.3.6.1.2.1.43.30.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 9 integer, 10 string
1.1 | 16 | 3 | 8 | 1000 | -3 | 0 | "Stacker"
1.2 | 3 | 3 | 18 | 5000 | -3 | 0 | "Stapler"
end

1.3.6.1.4.1.2699.1.2.1.2.1.1.2.1 string "Xerox AltaLink C8100"
1.3.6.1.4.1.2699.1.2.1.2.1.1.3.1 string "MFG:Xerox;CMD:PCL,PJL,PostScript;MDL:AltaLink C8100;CLS:Printer;"

# ---- SNMP engine ----
1.3.6.1.6.3.10.2.1.2.0 integer =boots
1.3.6.1.6.3.10.2.1.3.0 integer =engine_time

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6
never 1.3.6.1.2.1.43.5.1.1.4
never 1.3.6.1.2.1.43.5.1.1.5
never 1.3.6.1.4.1.253.8.51.5
never 1.3.6.1.4.1.253.8.51.17
never 1.3.6.1.4.1.253.8.51.18
never 1.3.6.1.4.1.253.8.57
never 1.3.6.1.4.1.253.8.59
never 1.3.6.1.4.1.253.8.64
never 1.3.6.1.4.1.253.8.74

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "Xerox" | "AltaLink C8100" | "{serial}"
end
truth firmware name, version
"SS" | "118.009.020.13510"
"NC" | "118.009.13510"
"UI" | "118.009.13510"
"ME" | "063.022.000"
"CC" | "118.009.13510"
"DF" | "007.019.000"
"FI" | "032.057.000"
"FA" | "003.012.013"
"CCOS" | "118.009.13510"
"NCOS" | "118.009.13510"
"SC" | "013.015.006"
"SU" | "118.009.13510"
"System" | "118.009.020.13510"
"SWUP" | "118.009.13510"
end
truth meters name, unit, value, oid
marker_life | impressions | =total | "1.3.6.1.2.1.43.10.2.1.4.1.1"
power_on_impressions | impressions | =since_boot | "1.3.6.1.2.1.43.10.2.1.5.1.1"
impressions_total | impressions | =total | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.1"
"vendor:Power On Impressions" | - | =since_boot | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.2"
print_impressions_mono | impressions | =print_mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.7"
"vendor:Black Printed Sheets" | - | =pms | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.8"
"vendor:Black Printed 2 Sided Sheets" | - | =pm2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.9"
"vendor:Black Printed Large Sheets" | - | =pml | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.10"
"vendor:Printed Sheets" | - | =print_sheets | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.15"
"vendor:Printed 2 Sided Sheets" | - | =print_sheets2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.16"
print_impressions_color | impressions | =print_color | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.29"
"vendor:Color Printed Sheets" | - | =pcs | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.30"
"vendor:Color Printed 2 Sided Sheets" | - | =pc2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.31"
"vendor:Color Printed Large Sheets" | - | =pcl | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.32"
impressions_color | impressions | =color | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.33"
impressions_mono | impressions | =mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.34"
sheets_total | sheets | =sheets | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.38"
sheets_duplex | sheets | =sheets2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.39"
large_impressions_color | impressions | =color_large | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.43"
large_impressions_mono | impressions | =mono_large | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.44"
large_impressions_total | impressions | =large | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.47"
"vendor:Fax Images Received" | - | =fax_received | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.67"
"vendor:Fax Impressions" | - | =fax_mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.71"
"vendor:Color Stored Image Printed Impressions" | - | =stored_color | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.72"
"vendor:Black Stored Image Printed Impressions" | - | =stored_mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.73"
"vendor:Stored Image Printed Impressions" | - | =stored | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.74"
color_level_1 | impressions | =level1 | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.80"
color_level_2 | impressions | =color_mid | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.81"
color_level_3 | impressions | =color_high | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.82"
"vendor:Black + Color Level 1 Single Impressions" | - | =level1_single | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.86"
"vendor:Single Impressions" | - | =single | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.100"
"vendor:Black Single Impressions" | - | =mono_single | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.101"
"vendor:Color Single Impressions" | - | =color_single | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.102"
"vendor:A4 Equivalent Impressions" | - | =a4 | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.200"
"vendor:Black A4 Equivalent Impressions" | - | =mono_a4 | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.201"
"vendor:Color A4 Equivalent Impressions" | - | =color_a4 | "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.202"
scan_images_network | - | =scan_network | "1.3.6.1.4.1.253.8.53.13.2.1.6.10.20.11"
scan_images_email | - | =scan_email | "1.3.6.1.4.1.253.8.53.13.2.1.6.10.20.12"
"vendor:Images Stored" | - | =stored | "1.3.6.1.4.1.253.8.53.13.2.1.6.10.20.21"
"vendor:Images Sent" | - | =scan_images | "1.3.6.1.4.1.253.8.53.13.2.1.6.10.20.23"
"vendor:Fax Images Stored" | - | =server_fax | "1.3.6.1.4.1.253.8.53.13.2.1.6.10.20.65"
"vendor:Fax Images Sent" | - | =fax_sent | "1.3.6.1.4.1.253.8.53.13.2.1.6.10.20.66"
copy_impressions_mono | impressions | =copy_mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.11.20.3"
"vendor:Black Copied Sheets" | - | =cms | "1.3.6.1.4.1.253.8.53.13.2.1.6.11.20.4"
"vendor:Black Copied 2 Sided Sheets" | - | =cm2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.11.20.5"
"vendor:Black Copied Large Sheets" | - | =cml | "1.3.6.1.4.1.253.8.53.13.2.1.6.11.20.6"
"vendor:Copied Sheets" | - | =copy_sheets | "1.3.6.1.4.1.253.8.53.13.2.1.6.11.20.15"
"vendor:Copied 2 Sided Sheets" | - | =copy_sheets2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.11.20.16"
copy_impressions_color | impressions | =copy_color | "1.3.6.1.4.1.253.8.53.13.2.1.6.11.20.25"
"vendor:Color Copied Sheets" | - | =ccs | "1.3.6.1.4.1.253.8.53.13.2.1.6.11.20.26"
"vendor:Color Copied 2 Sided Sheets" | - | =cc2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.11.20.27"
"vendor:Color Copied Large Sheets" | - | =ccl | "1.3.6.1.4.1.253.8.53.13.2.1.6.11.20.28"
"vendor:Embedded Fax Images Sent" | - | =fax_sent | "1.3.6.1.4.1.253.8.53.13.2.1.6.12.20.13"
fax_impressions_total | impressions | =fax_mono | "1.3.6.1.4.1.253.8.53.13.2.1.6.12.20.14"
"vendor:Embedded Fax Sheets" | - | =fxs | "1.3.6.1.4.1.253.8.53.13.2.1.6.12.20.15"
"vendor:Embedded Fax 2 Sided Sheets" | - | =fx2 | "1.3.6.1.4.1.253.8.53.13.2.1.6.12.20.16"
"vendor:Embedded Fax Large Sheets" | - | =fxl | "1.3.6.1.4.1.253.8.53.13.2.1.6.12.20.17"
"vendor:Embedded Fax Images Received" | - | =fax_received | "1.3.6.1.4.1.253.8.53.13.2.1.6.12.20.19"
"vendor:Server Fax Images Sent" | - | =server_fax | "1.3.6.1.4.1.253.8.53.13.2.1.6.13.20.13"
"vendor:Internet Fax Images Sent" | - | =internet_fax | "1.3.6.1.4.1.253.8.53.13.2.1.6.14.20.13"
"vendor:Internet Fax Impressions" | - | =ifax_pages | "1.3.6.1.4.1.253.8.53.13.2.1.6.14.20.14"
end
truth supplies index, type, class, colorant, description, part, serial, unit, max, value
"1.1" | toner | consumed | black | "Black Toner, PN 006R01746;SN{hA}80E00001" | "006R01746" | "{hA}80E00001" | impressions | 26000 | =black.left
"1.2" | toner | consumed | cyan | "Cyan Toner, PN 006R01747;SN{hB}80E00001" | "006R01747" | "{hB}80E00001" | impressions | 15000 | =cyan.left
"1.3" | toner | consumed | magenta | "Magenta Toner, PN 006R01748;SN{hC}80E00001" | "006R01748" | "{hC}80E00001" | impressions | 15000 | =magenta.left
"1.4" | toner | consumed | yellow | "Yellow Toner, PN 006R01749;SN{hD}80E00001" | "006R01749" | "{hD}80E00001" | impressions | 15000 | =yellow.left
"1.5" | opc | consumed | "" | "Drum Cartridge (R1), PN 013R00681;SN{hE}80E00001" | "013R00681" | "{hE}80E00001" | percent | 100 | =drum1.left
"1.6" | opc | consumed | "" | "Drum Cartridge (R2), PN 013R00681;SN{hF}80E00001" | "013R00681" | "{hF}80E00001" | percent | 100 | =drum2.left
"1.7" | opc | consumed | "" | "Drum Cartridge (R3), PN 013R00681;SN{hG}80E00001" | "013R00681" | "{hG}80E00001" | percent | 100 | =drum3.left
"1.8" | opc | consumed | "" | "Drum Cartridge (R4), PN 013R00681;SN{hH}80E00001" | "013R00681" | "{hH}80E00001" | percent | 100 | =drum4.left
"1.9" | fuser | consumed | "" | "Fuser, PN unknown;SNunknown" | "" | "" | percent | -2 | -3
"1.10" | waste_toner | receptacle | "" | "Waste Toner Container, PN 008R08101;SNunknown" | "008R08101" | "" | percent | 100 | =waste.left
"1.11" | transfer_unit | consumed | "" | "Transfer Belt Cleaner, PN 042K94561;SNunknown" | "042K94561" | "" | percent | 100 | =belt.left
"1.12" | transfer_unit | consumed | "" | "Second Bias Transfer Roll, PN 008R08103;SNunknown" | "008R08103" | "" | percent | 100 | =roll.left
"1.13" | other | consumed | "" | "Document Feeder Feed Roll, PN unknown;SNunknown" | "" | "" | percent | -2 | -3
end
truth alerts index, kind, severity, training, group, code, code_number, location, description
when black.low | "1.11" | warning | warning_binary_change_event | trained | marker_supplies | marker_toner_almost_empty | 1104 | "956800" | "09-568-00 The Black Toner (K) is near its end of life. Order a new cartridge now. Printing can continue."
when cyan.low | "1.12" | warning | warning_binary_change_event | trained | marker_supplies | marker_toner_almost_empty | 1104 | "956900" | "09-569-00 The Cyan Toner (C) is near its end of life. Order a new cartridge now. Printing can continue."
when magenta.low | "1.13" | warning | warning_binary_change_event | trained | marker_supplies | marker_toner_almost_empty | 1104 | "957000" | "09-570-00 The Magenta Toner (M) is near its end of life. Order a new cartridge now. Printing can continue."
when yellow.low | "1.14" | warning | warning_binary_change_event | trained | marker_supplies | marker_toner_almost_empty | 1104 | "957100" | "09-571-00 The Yellow Toner (Y) is near its end of life. Order a new cartridge now. Printing can continue."
when waste.low | "1.15" | warning | warning_binary_change_event | trained | marker_supplies | "marker_waste_toner_receptacle_almost_full" | 1107 | "957200" | "09-572-00 The Waste Toner Container is near its full capacity."
when tray1.empty | "1.16" | warning | warning_binary_change_event | untrained | input | input_media_supply_empty | 808 | "710000" | "07-100-00 Tray 1 is empty. Load paper."
when black.empty | "1.17" | fault | critical | trained | marker_supplies | marker_toner_empty | 1101 | "956810" | "09-568-10 The Black Toner (K) is empty. Replace the cartridge."
when jam | "1.21" | fault | critical | untrained | media_path | jam | 8 | "810300" | "08-103-00 There is a paper jam. Open Door A and clear the paper."
when door | "1.22" | fault | critical | untrained | cover | cover_open | 3 | "510100" | "05-101-00 The front cover is open. Close the cover."
when sleeping | "1.46" | state | other | no_intervention_required | general_printer | subunit_power_saver | 23 | "" | "Sleep Mode"
end
truth state printer, device, service_mode
pick "printing" if printing / "other" if jam door / "idle" | pick "down" if jam door black.empty / "warning" if black.low cyan.low magenta.low yellow.low waste.low tray1.empty / "running" | 0
end
truth errors name
when black.low | low_toner
when cyan.low | low_toner
when magenta.low | low_toner
when yellow.low | low_toner
when black.empty | no_toner
when cyan.empty | no_toner
when magenta.empty | no_toner
when yellow.empty | no_toner
when door | door_open
when jam | jammed
when tray1.low | low_paper
when tray1.empty | input_tray_empty
end
truth trays index, name, description, level, max, unit, media
"1.1" | "Tray 1" | "Tray 1: Plain" | =tray1.left | 520 | sheets | "A4 (210x297mm)"
"1.2" | "Tray 2" | "Tray 2: Plain" | =tray2.left | 520 | sheets | "A4 (210x297mm)"
"1.3" | "Tray 3" | "Tray 3: Plain" | =tray3.left | 870 | sheets | "A3 (297x420mm)"
"1.4" | "Bypass Tray" | "Bypass Tray: Plain" | -3 | 100 | sheets | "A4 (210x297mm)"
end
truth bins index, name, description, level, max, unit
"1.1" | "Center Tray" | "Center Output Tray" | -3 | 250 | sheets
"1.2" | "Stacker" | "Finisher Stacker Tray" | -3 | 2000 | sheets
end
truth covers index, description, status
"1.1" | "Front Cover" | pick "open" if door / "closed"
"1.2" | "Left Hand Cover (Door A)" | pick "open" if jam / "closed"
end
truth media_paths index, type, description, max, unit
"1.1" | simplex | "Simplex path" | 4200 | impressions_per_hour
end
truth rated_speed mono
70
end
truth options kind, name, value
interpreter | "HP PCL Color" | ""
interpreter | "Adobe PostScript 3" | "3018.103"
interpreter | "PDF" | ""
channel | "Port 9100" | "1.0"
channel | "LPD" | "RFC1179"
channel | "IPP" | "2.0"
memory | Memory | "4 GiB"
storage | "Hard Disk" | "150 GiB"
finisher | "Stacker" | ""
finisher | "Stapler" | ""
end
truth maintenance index, name, type, unit, life, left, used, percent, installed
"1.5" | "Drum Cartridge (R1), PN 013R00681;SN{hE}80E00001" | opc | impressions | "" | "" | =total | =drum1.left | "2024-06-02"
"1.6" | "Drum Cartridge (R2), PN 013R00681;SN{hF}80E00001" | opc | impressions | "" | "" | =color | =drum2.left | "2024-07-12"
"1.7" | "Drum Cartridge (R3), PN 013R00681;SN{hG}80E00001" | opc | impressions | "" | "" | =color | =drum3.left | "2024-08-21"
"1.8" | "Drum Cartridge (R4), PN 013R00681;SN{hH}80E00001" | opc | impressions | "" | "" | =color | =drum4.left | "2024-09-30"
"1.9" | "Fuser, PN unknown;SNunknown" | fuser | percent | "" | "" | - | "" | ""
"1.11" | "Transfer Belt Cleaner, PN 042K94561;SNunknown" | transfer_unit | impressions | "" | "" | =total | =belt.left | "2025-01-28"
"1.12" | "Second Bias Transfer Roll, PN 008R08103;SNunknown" | transfer_unit | impressions | "" | "" | =total | =roll.left | ""
"1.13" | "Document Feeder Feed Roll, PN unknown;SNunknown" | other | percent | "" | "" | - | "" | ""
end
