# A colour laser printer in the shape of HP's that has its supplies only in the SNMP context
# "Jetdirect"; its device table is complete, its own objects are those of the small models.
profile hp-jetdirect
serial "CNB@@#####"
host "NPI{mac}"
oui 9c7bef

rate print_mono 5.00
rate print_color 3.50
rate copy_mono 0.50
rate copy_color 0.25
rate fax_mono 0.10
rate fax_sent 0.10
rate scan_email 0.60
rate scan_network 0.40

let color = print_color + copy_color
let mono = print_mono + copy_mono + fax_mono
let total = color + mono
let duplex = total%30
let sheets = total - duplex
let scans = scan_email + scan_network
let mono_simplex = mono%60
let mono_duplex = mono - mono_simplex

supply black total capacity 100 yield 12500 low 10
supply cyan color capacity 100 yield 9500 low 10
supply magenta color capacity 100 yield 9300 low 10
supply yellow color capacity 100 yield 9700 low 10
supply fuser total capacity 100 yield 150000 low 5
supply transfer total capacity 100 yield 150000 low 5
supply tray2 sheets capacity 550 yield 550 low 10
event jam every 61
event door every 43

1.3.6.1.2.1.1.1.0 string "HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153,EEPROM JSI24050011,CIDATE 06/01/2024"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.11.2.3.9.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "NPI{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 64
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD153" | 6 | 1500 | 1000000000 | "{macbytes}" | 1 | 1
end
1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.2.2.0 integer 1310720
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "RAM" | 1024 | 2097152 | 700000
2 | 2 | 1.3.6.1.2.1.25.2.1.4 | "Hard Disk" | 4096 | 39321600 | 1200000
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "HP Color LaserJet M555" | 1.3.6.1.4.1.11.2.3.9.1 | pick 5 if jam door / 3 if black.low cyan.low magenta.low yellow.low / 2 | =jam.count
end
1.3.6.1.2.1.25.3.5.1.1.1 integer pick 4 if printing / 1 if jam door / 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 2 2 if black.low cyan.low magenta.low yellow.low / 3 if black.empty cyan.empty magenta.empty yellow.empty / 4 if door / 5 if jam / 0 if tray2.low / 13 if tray2.empty

1.3.6.1.2.1.43.5.1.1.1.1 counter 3
1.3.6.1.2.1.43.5.1.1.2.1 integer 1
1.3.6.1.2.1.43.5.1.1.16.1 string "HP Color LaserJet M555"
1.3.6.1.2.1.43.5.1.1.17.1 string "{serial}"
1.3.6.1.2.1.43.5.1.1.18.1 counter =jam.count
1.3.6.1.2.1.43.5.1.1.19.1 counter =door.count
table 1.3.6.1.2.1.43.6.1.1 2 string, 3 integer
1.1 | "Front door" | pick 3 if door / 4
end
table 1.3.6.1.2.1.43.7.1.1 2 string, 3 string, 4 integer
1.1 | "de" | "DE" | 2004
end
table 1.3.6.1.2.1.43.8.2.1 2 integer, 3 integer, 4 integer, 5 integer, 8 integer, 9 integer, 10 integer, 11 integer, 12 string, 13 string, 18 string
1.1 | 4 | 3 | 110000 | 85000 | 8 | 100 | 0 | 9 | "any" | "Tray 1" | "Manual feed"
1.2 | 3 | 3 | 110000 | 85000 | 8 | 550 | =tray2.left | 0 | "na-letter-white" | "Tray 2" | "Tray 2"
end
table 1.3.6.1.2.1.43.9.2.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 string, 12 string
1.1 | 3 | 8 | 500 | -3 | 0 | "Standard bin" | "Standard bin"
end
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 5 counter, 15 integer
1.1 | 4 | 7 | =total | =since_boot | 0
end
table 1.3.6.1.2.1.43.13.4.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 integer, 10 string, 11 integer
1.1 | 7 | 4 | 2760 | 432000 | 305000 | 148000 | 98000 | 5 | "Simplex path" | 0
end
table 1.3.6.1.2.1.43.14.1.1 2 integer, 3 string, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 string
1.1 | 11 | "1.0" | 1 | 1 | 4 | 1 | 0 | "Port=9100"
1.2 | 8 | "RFC1179" | 1 | 1 | 4 | 1 | 0 | "QueueName=lp"
1.3 | 44 | "2.0" | 1 | 1 | 4 | 1 | 0 | "URI=/ipp/print"
end
table 1.3.6.1.2.1.43.15.1.1 2 integer, 3 string, 5 string, 6 string
1.1 | 47 | "2.1" | "PCL XL" | "3.0"
1.2 | 6 | "3" | "PostScript 3" | "3019.1"
1.3 | 54 | "1.7" | "PDF" | "1.7"
end
1.3.6.1.2.1.43.16.5.1.2.1.1 string pick "Jam in tray 2" if jam / "Close front door" if door / "Processing job" if printing / "Sleep mode on" if sleeping / "Ready"
table 1.3.6.1.2.1.43.18.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.2 when black.low | 4 | 3 | 11 | 1 | 10216 | 1104 | "Black cartridge low" | 0
1.3 when cyan.low | 4 | 3 | 11 | 2 | 10216 | 1104 | "Cyan cartridge low" | 0
1.4 when magenta.low | 4 | 3 | 11 | 3 | 10216 | 1104 | "Magenta cartridge low" | 0
1.5 when yellow.low | 4 | 3 | 11 | 4 | 10216 | 1104 | "Yellow cartridge low" | 0
1.7 when tray2.empty | 5 | 3 | 8 | 2 | 41202 | 808 | "Tray 2 empty" | 0
1.9 when jam | 3 | 3 | 13 | 1 | 42112 | 8 | "13.B2.D1 Jam in right door" | 0
1.10 when door | 3 | 3 | 6 | 1 | 40021 | 3 | "Vordere T\xcfr schlie\xdeen" | 0
1.35 when sleeping | 1 | 3 | 5 | -1 | 35078 | 23 | "Sleep mode on" | 0
end

table 1.3.6.1.2.1.43.30.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 9 integer, 10 string
1.1 | 16 | 3 | 8 | 1000 | -3 | 0 | "Stacker"
1.2 | 3 | 3 | 18 | 5000 | -3 | 0 | "Stapler"
end

1.3.6.1.4.1.11.2.3.9.1.1.7.0 string "MFG:HP;MDL:HP Color LaserJet M555;CMD:PJL,PML,PCLXL,URP,PCL,PDF,POSTSCRIPT;CLS:PRINTER;DES:HP Color LaserJet M555;MEM:MEM=512MB;COMMENT:RES=1200x8;"
root R 1.3.6.1.4.1.11.2.3.9.4.2.1
$R.1.2.19.0 string "\x01\x1512345"
$R.1.3.1.0 string "\x01\x155QJ98A"
$R.1.3.2.0 string "\x01\x15HP Color LaserJet M555"
$R.1.3.3.0 string "\x01\x15{serial}"
$R.1.3.5.0 string "\x01\x1520240601"
$R.1.3.6.0 string "\x01\x152507252_065441"
$R.1.3.10.0 string "\x01\x15Planted device name"
$R.1.3.11.0 string "\x01\x15Planted location"
$R.1.3.12.0 string "\x01\x15"
$R.4.1.2.5.0 integer =total
$R.4.1.2.6.0 integer =mono
$R.4.1.2.7.0 integer =color
$R.4.1.2.22.0 integer =duplex

# ---- rows of a context ----
context Jetdirect
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
1.1 | 1 | 1 | 3 | 3 | "Black Cartridge HP W9040MC\x00" | 19 | 100 | =black.left
1.2 | 1 | 2 | 3 | 3 | "Cyan Cartridge HP W9041MC\x00" | 19 | 100 | =cyan.left
1.3 | 1 | 3 | 3 | 3 | "Magenta Cartridge HP W9043MC\x00" | 19 | 100 | =magenta.left
1.4 | 1 | 4 | 3 | 3 | "Yellow Cartridge HP W9042MC\x00" | 19 | 100 | =yellow.left
1.5 | 1 | 0 | 4 | 4 | "Toner Collection Unit HP W9048MC\x00" | 19 | -2 | -3
1.6 | 1 | 0 | 3 | 15 | "Fuser Kit HP 220V-W9048A\x00" | 19 | 100 | =fuser.left
1.7 | 1 | 0 | 3 | 20 | "Image Transfer Belt Kit HP Z8W50A\x00" | 19 | 100 | =transfer.left
1.8 | 1 | 0 | 3 | 1 | "Document Feeder Kit HP W5U23A\x00" | 19 | 100 | 97
end
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black\x00" | 2
1.2 | 1 | 3 | "cyan\x00" | 2
1.3 | 1 | 3 | "magenta\x00" | 2
1.4 | 1 | 3 | "yellow\x00" | 2
end
context

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6
never 1.3.6.1.2.1.43.5.1.1.4
never 1.3.6.1.2.1.43.5.1.1.5
never 1.3.6.1.4.1.11.2.3.9.4.2.1.1.3.10
never 1.3.6.1.4.1.11.2.3.9.4.2.1.1.3.11
never 1.3.6.1.4.1.11.2.3.9.4.2.1.1.3.12

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "HP" | "Color LaserJet M555" | "{serial}"
end
truth firmware name, version
"firmware" | "2507252_065441"
end
truth meters name, unit, value, oid
marker_life | impressions | =total | "1.3.6.1.2.1.43.10.2.1.4.1.1"
power_on_impressions | impressions | =since_boot | "1.3.6.1.2.1.43.10.2.1.5.1.1"
impressions_total | impressions | =total | "1.3.6.1.4.1.11.2.3.9.4.2.1.4.1.2.5.0"
impressions_mono | impressions | =mono | "1.3.6.1.4.1.11.2.3.9.4.2.1.4.1.2.6.0"
impressions_color | impressions | =color | "1.3.6.1.4.1.11.2.3.9.4.2.1.4.1.2.7.0"
sheets_duplex | sheets | =duplex | "1.3.6.1.4.1.11.2.3.9.4.2.1.4.1.2.22.0"
end
truth supplies index, type, class, colorant, description, part, serial, unit, max, value
"1.1" | toner | consumed | black | "Black Cartridge HP W9040MC" | "" | "" | percent | 100 | =black.left
"1.2" | toner | consumed | cyan | "Cyan Cartridge HP W9041MC" | "" | "" | percent | 100 | =cyan.left
"1.3" | toner | consumed | magenta | "Magenta Cartridge HP W9043MC" | "" | "" | percent | 100 | =magenta.left
"1.4" | toner | consumed | yellow | "Yellow Cartridge HP W9042MC" | "" | "" | percent | 100 | =yellow.left
"1.5" | waste_toner | receptacle | "" | "Toner Collection Unit HP W9048MC" | "" | "" | percent | -2 | -3
"1.6" | fuser | consumed | "" | "Fuser Kit HP 220V-W9048A" | "" | "" | percent | 100 | =fuser.left
"1.7" | transfer_unit | consumed | "" | "Image Transfer Belt Kit HP Z8W50A" | "" | "" | percent | 100 | =transfer.left
"1.8" | other | consumed | "" | "Document Feeder Kit HP W5U23A" | "" | "" | percent | 100 | 97
end
truth alerts index, kind, severity, training, group, code, code_number, location, description
when black.low | "1.2" | warning | warning | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "10216" | "Black cartridge low"
when cyan.low | "1.3" | warning | warning | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "10216" | "Cyan cartridge low"
when magenta.low | "1.4" | warning | warning | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "10216" | "Magenta cartridge low"
when yellow.low | "1.5" | warning | warning | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "10216" | "Yellow cartridge low"
when tray2.empty | "1.7" | warning | warning_binary_change_event | untrained | input | input_media_supply_empty | 808 | "41202" | "Tray 2 empty"
when jam | "1.9" | fault | critical | untrained | media_path | jam | 8 | "42112" | "13.B2.D1 Jam in right door"
when door | "1.10" | fault | critical | untrained | cover | cover_open | 3 | "40021" | "Vordere Tür schließen"
when sleeping | "1.35" | state | other | untrained | general_printer | subunit_power_saver | 23 | "35078" | "Sleep mode on"
end
truth state printer, device, service_mode
pick "printing" if printing / "other" if jam door / "idle" | pick "down" if jam door / "warning" if black.low cyan.low magenta.low yellow.low / "running" | 0
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
when tray2.low | low_paper
when tray2.empty | input_tray_empty
end
truth trays index, name, description, level, max, unit, media
"1.1" | "Tray 1" | "Manual feed" | 0 | 100 | sheets | "any"
"1.2" | "Tray 2" | "Tray 2" | =tray2.left | 550 | sheets | "na-letter-white"
end
truth bins index, name, description, level, max, unit
"1.1" | "Standard bin" | "Standard bin" | -3 | 500 | sheets
end
truth covers index, description, status
"1.1" | "Front door" | pick "open" if door / "closed"
end
truth media_paths index, type, description, max, unit
"1.1" | simplex | "Simplex path" | 2760 | impressions_per_hour
end
truth rated_speed mono
46
end
truth options kind, name, value
interpreter | "PCL XL" | "3.0"
interpreter | "PostScript 3" | "3019.1"
interpreter | "PDF" | "1.7"
channel | "Port 9100" | "1.0"
channel | "LPD" | "RFC1179"
channel | "IPP" | "2.0"
memory | Memory | "1.2 GiB"
storage | "Hard Disk" | "150 GiB"
finisher | "Stacker" | ""
finisher | "Stapler" | ""
end
truth maintenance index, name, type, unit, life, left, used, percent, installed
"1.6" | "Fuser Kit HP 220V-W9048A" | fuser | percent | 100 | =fuser.left | - | - | ""
"1.7" | "Image Transfer Belt Kit HP Z8W50A" | transfer_unit | percent | 100 | =transfer.left | - | - | ""
"1.8" | "Document Feeder Kit HP W5U23A" | other | percent | 100 | 97 | - | - | ""
end
truth settings name, value
"Firmware date" | "20240601"
end
