using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace AudioStudio.Accounts;

internal sealed class AccountsContext(DbContextOptions<AccountsContext> options) : IdentityUserContext<StudioUser>(options);
