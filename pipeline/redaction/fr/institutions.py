"""Words that head the name of an organisation, with the forms its name takes behind them."""

from callwarden.redaction.words import word_set

CARE = word_set("hôpital hopital clinique ehpad maternité polyclinique hospice crèche sanatorium chu chru chr")
SCHOOLS = word_set("école lycée collège université institut conservatoire internat campus iut")
TRADES = word_set(
    "électricité plomberie chauffage ambulances taxi taxis couverture toiture peinture climatisation "
    "informatique automobiles immobilière assurances pharmacie boulangerie pâtisserie boucherie charcuterie "
    "épicerie librairie garage restaurant brasserie pizzeria hôtel auberge bar café tabac salon supérette "
    "fleuriste menuiserie plomberie carrosserie imprimerie scierie minoterie ferronnerie serrurerie charpente "
    "maçonnerie ébénisterie parfumerie bijouterie horlogerie quincaillerie cave domaine concession agence "
    "étude cabinet studio atelier laboratoire transports établissements ets entreprise maison société groupe "
    "coopérative mutuelle association fondation club comité collectif syndicat fédération compagnie théâtre "
    "cinéma journal revue magazine éditions radio domaine château laiterie biscuiterie conserverie "
    "distillerie "
)
KINDS_OF_HOUSE = word_set(
    "santé retraite repos rééducation convalescence médical médicale dentaire hospitalier infirmier"
)
"""Behind "maison", "centre", "cabinet": they make it one of care."""
FORMS = word_set("sci sarl sas sasu eurl scp selarl gie gaec earl scea scop")
"""Forms of companies: whatever stands behind them is the name."""
COMMON_BEHIND = word_set(
    "jour nuit coin quartier ville village garde enfants petits commerce musique danse conduite police feu "
    "langue langues région département secteur centre port gare vente ventes maintenance sécurité "
    "surveillance gestion logement propriétaires locataires parents élèves quartiers commune général générale "
    "national nationale privé privée public publique primaire maternelle supérieur familiale familial médical "
    "médicale dentaire vétérinaire comptable immobilière immobilier assurance assurances voyage voyages "
    "presse communication publicité intérim location service services travaux nettoyage transport beauté "
    "coiffure thé bains jardin vin bois fer campagne disques vieux bas haut grand midi soir matin face bout "
    "fond rue place rez étage même place lui elle moi dehors dessus dessous "
)
