"""What customers write about: a subject and a few sentences for each kind of part, in their own language."""

FAULTS: dict[str, dict[str, tuple[str, str]]] = {
    "motor": {
        "en": ("X axis stops after ten minutes", "It moves, then the motor gets very hot and stops. You can hear it grinding before it does. The belt is tight and the current is as in the manual."),
        "de": ("Achse bleibt nach zehn Minuten stehen", "Der Motor läuft an, wird sehr heiß und bleibt dann stehen. Die Riemenspannung habe ich geprüft, die Schrittmotortreiberkühlkörper sitzen fest."),
        "fr": ("Le moteur s’arrête après dix minutes", "L’axe bouge, puis le moteur chauffe beaucoup et s’arrête. La courroie est bien tendue."),
        "es": ("El motor se para a los diez minutos", "El eje se mueve, luego el motor se calienta mucho y se para. La correa está tensa."),
        "ja": ("10分後にX軸が止まります", "動き始めますが、モーターが非常に熱くなって止まります。ベルトの張りは確認しました。"),
        "zh-hans": ("十分钟后X轴停止", "开始能动，然后电机变得很烫并停下来。皮带已经检查过。"),
    },
    "standard": {
        "en": ("It stopped working on Tuesday", "I did not change anything. Since Tuesday it does not work any more; I attach photos of the part and of the display."),
        "de": ("Funktioniert seit Dienstag nicht mehr", "Ich habe nichts verändert. Seit Dienstag geht es nicht mehr; Fotos vom Bauteil und von der Anzeige hängen an. Die Anschlussbelegungsprüfung laut Handbuch war unauffällig."),
        "fr": ("Ne fonctionne plus depuis mardi", "Je n’ai rien changé. Depuis mardi, cela ne marche plus ; photos de la pièce et de l’écran en pièce jointe."),
        "es": ("No funciona desde el martes", "No he cambiado nada. Desde el martes no funciona; adjunto fotos de la pieza y de la pantalla."),
        "ja": ("火曜日から動きません", "何も変更していません。火曜日から動かなくなりました。部品と画面の写真を添付します。"),
        "zh-hans": ("从星期二开始无法工作", "我没有做任何更改。从星期二起就不能用了。附上零件和屏幕的照片。"),
    },
    "consumable": {
        "en": ("Bearings are rough", "The bearings feel rough and make a noise when the axis moves."),
        "de": ("Kugellager laufen rau", "Die Lager laufen rau und machen Geräusche, wenn die Achse fährt."),
        "fr": ("Roulements bruyants", "Les roulements sont rugueux et font du bruit quand l’axe bouge."),
        "es": ("Los rodamientos rozan", "Los rodamientos van ásperos y hacen ruido al mover el eje."),
        "ja": ("ベアリングがざらつきます", "ベアリングの動きがざらざらで、軸が動くと音がします。"),
        "zh-hans": ("轴承不顺畅", "轴承手感粗糙，轴移动时有噪音。"),
    },
}  # fmt: skip
