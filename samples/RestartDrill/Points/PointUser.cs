using System.Net;
using RestartDrill.Clients;
using RestartDrill.Running;
using RestartDrill.Stores;

namespace RestartDrill.Points;

/// <summary>A signed-in user with an account.</summary>
internal sealed record PointUser(string Id, string Token)
{
    public const long StartingCredits = 100;

    /// <exception cref="DrillException">The user could not be created.</exception>
    public static async Task<PointUser> SignUpAsync(IDrillStore store, StudioClient client, CancellationToken stop)
    {
        var token = await store.SignUpAsync(client, $"{Guid.NewGuid():N}@example.org", Guid.NewGuid().ToString(), stop)
            ?? throw new DrillException("A new user could not sign up.");
        var credits = await client.ReadCreditsAsync(token, versionToken: null, stop);
        return credits is { Status: HttpStatusCode.OK, BalanceInBody.Available: StartingCredits }
            ? new PointUser(credits.Text("user_id"), token)
            : throw new DrillException($"A new user has no account: {credits?.BodyText ?? "no response"}");
    }
}
