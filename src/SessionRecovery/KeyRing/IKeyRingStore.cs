namespace SessionRecovery.KeyRing;

/// <summary>
/// Stores the Data Protection key ring of a web host beside the credits, so that sign-in cookies and signed links survive a new container.
/// Implemented by a package that supplies a credit store. The host calls <c>PersistDataProtectionKeys()</c> to use it. Thread-safe.
/// </summary>
public interface IKeyRingStore
{
    /// <summary>Reads all elements, in the order in which they were added.</summary>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The elements; an empty list if none was added yet.</returns>
    /// <exception cref="InvalidOperationException">
    /// The store is not set up for a key ring. The message is one sentence for the operator; it fails the start of the host.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    /// <remarks>
    /// Any other exception is an outage: sign-ins are answered 503 until a read succeeds. An empty list during an outage would sign all
    /// users out.
    /// </remarks>
    ValueTask<IReadOnlyList<KeyRingElement>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Adds an element durably. An element whose name exists already has no effect, so that a repeated call is safe.</summary>
    /// <param name="element">The element.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that completes when the element is stored.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="element"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask AddAsync(KeyRingElement element, CancellationToken cancellationToken);

    /// <summary>
    /// Returns who can read the key ring besides the application. It is called only if the host does not encrypt its keys.
    /// </summary>
    /// <returns>
    /// One sentence for the operator, which the health check <c>session_recovery_keys</c> reports; <see langword="null"/> if no hazard is
    /// known, which is the default.
    /// </returns>
    string? FindHazard() => null;
}
