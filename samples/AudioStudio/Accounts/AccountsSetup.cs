using System.Threading.RateLimiting;
using AudioStudio.Settings;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace AudioStudio.Accounts;

/// <summary>Registers sign-up and sign-in by ASP.NET Core Identity. The bearer tokens of Identity remain valid after a restart.</summary>
internal static class AccountsSetup
{
    private const string RateLimit = "accounts";

    private const int RequestsPerMinute = 120;

    public static void AddAccounts(this IServiceCollection services, DataFolder data)
    {
        var connection = AccountsDatabase.ConnectionTo(data.Accounts);
        services.AddSingleton(new AccountsDatabase(data.Accounts));
        services.AddDbContext<AccountsContext>(options => options.UseSqlite(connection));
        services
            .AddIdentityApiEndpoints<StudioUser>(options =>
            {
                options.User.RequireUniqueEmail = true;
                options.Password.RequiredLength = 8;
                options.Password.RequireDigit = false;
                options.Password.RequireLowercase = false;
                options.Password.RequireUppercase = false;
                options.Password.RequireNonAlphanumeric = false;
            })
            .AddEntityFrameworkStores<AccountsContext>();
        services.AddAuthentication(IdentityConstants.BearerScheme);
        services.AddAuthorization();

        services.AddRateLimiter(options =>
        {
            options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            options.OnRejected = static (rejected, _) =>
            {
                if (rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var wait))
                {
                    var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
                    rejected.HttpContext.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
                }

                return ValueTask.CompletedTask;
            };
            options.AddPolicy(RateLimit, static context => RateLimitPartition.GetTokenBucketLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "unknown",
                static _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = RequestsPerMinute,
                    TokensPerPeriod = RequestsPerMinute / 60,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                }));
        });
    }

    public static void MapAccounts(this WebApplication app)
    {
        app.UseRateLimiter();
        var accounts = app.MapGroup("").AddEndpointFilter<AccountProblemFilter>().RequireRateLimiting(RateLimit);
        accounts.MapIdentityApi<StudioUser>();
        accounts.MapGuests();
    }

    public static Task CreateAccountsAsync(this WebApplication app) =>
        app.Services.GetRequiredService<AccountsDatabase>().CreateIfMissingAsync(app.Services);
}
